import { execFile, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The command line of a process, its arguments joined by spaces; undefined when there is no such process, or only its
 * zombie. A pid from a file means nothing without it: after a reboot, or in a container, pids come round again quickly.
 */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return raw === '' ? undefined : raw.split('\0').join(' ').trim()
  }
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  const command = stdout.trim()
  return command === '' || command.includes('<defunct>') ? undefined : command
}

/** Sends a signal; false when the process is already gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** Waits until a process has gone; false when it is still there after `timeoutMs`. */
export async function hasExited(pid: number, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) {
    if ((await commandOf(pid)) === undefined) return true
  }
  return false
}

/** Ends a process by each of the signals in turn, giving each its time. Resolves when it has gone; throws if it never does. */
export async function endProcess(pid: number, steps: ReadonlyArray<readonly [NodeJS.Signals, timeoutMs: number]>) {
  for (const [name, timeoutMs] of steps) {
    signal(pid, name)
    if (await hasExited(pid, timeoutMs)) return
  }
  throw new Error(`process ${pid} does not stop`)
}

/**
 * Has `pid` stopped by `signalName` as soon as this process is gone, however it goes, `kill -9` included: a shell in a
 * session of its own waits for the end of a pipe that only we hold open. Answers with a function that calls it off.
 */
export function stopWithUs(pid: number, signalName: 'INT' | 'QUIT' | 'TERM', cleanUp?: { remove: string }): () => void {
  const script = 'read -r _ && exit; kill -s "$1" "$2"; [ -n "$3" ] && sleep 1 && rm -rf -- "$3"'
  const guard = spawn('/bin/sh', ['-c', script, 'guard', signalName, String(pid), cleanUp?.remove ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  })
  guard.on('error', () => {}) // without a shell there is no guard; the normal ways of stopping still hold
  guard.stdin.on('error', () => {})
  guard.unref()
  const pipe = guard.stdin as unknown as { unref?: () => void }
  pipe.unref?.()
  return () => guard.stdin.end('\n')
}

/** A TCP port that nobody listens on at 127.0.0.1 at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}
