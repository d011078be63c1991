import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { privateDir } from '../project-database.ts'
import { liveOwner, recordOwner } from '../services/ownership.ts'
import { endProcess, signal, stopWithUs } from '../services/processes.ts'

const root = path.join(import.meta.dirname, '..', '..')
const pidFile = (name: string) => path.join(privateDir, `${name}.pid`)

// The service drains for at most 10 s by itself.
const politely = [
  ['SIGTERM', 15_000],
  ['SIGKILL', 5_000],
] as const

export type Child = {
  name: string
  /** How it ended, in words. */
  exited: Promise<string>
  stop: () => Promise<void>
  kill: () => void
}

/** Runs one of our processes beside this one, its output on ours. It ends when we do, however we do. */
export async function startChild(
  name: string,
  script: string,
  env: Record<string, string | undefined>,
): Promise<Child> {
  // A process group of its own, so that Ctrl-C reaches us alone and we stop things in their order.
  const child = spawn(process.execPath, [path.join(root, script)], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const exited = once(child, 'exit').then(([code, by]) => (by ? `was ended by ${by}` : `ended with exit code ${code}`))
  if (child.pid === undefined) await exited // rejects with why it could not be spawned
  const pid = child.pid as number
  const callOff = stopWithUs(pid, 'TERM')
  await recordOwner(pidFile(name), pid)
  const stop = async () => {
    await endProcess(pid, politely)
    callOff()
    await rm(pidFile(name), { force: true })
  }
  return { name, exited, stop, kill: () => signal(pid, 'SIGKILL') }
}

/** Ends what an earlier start, itself killed, left running. */
export async function endLeftOver(name: string, log: (line: string) => void) {
  const left = await liveOwner(pidFile(name))
  if (!left) return
  log(`stopping the ${name} that an earlier start left running (process ${left.pid})`)
  await endProcess(left.pid, politely)
}
