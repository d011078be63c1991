import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export interface Child {
  readonly process: ChildProcess
  stop(): Promise<void>
}

/**
 * Starts a script of ours with this Node and waits for the line on its standard output that matches.
 * @param logFile where all of its output goes
 * @throws Error when it exits before
 */
export async function startChild(
  script: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: RegExp,
  logFile: string,
): Promise<Child & { readonly line: string }> {
  const child = spawn(process.execPath, [...script], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log = createWriteStream(logFile)
  child.stdout.pipe(log)
  child.stderr.pipe(log, { end: false })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (text) => ready.test(text) && resolve(text))
    child.once('exit', (code) => reject(new Error(`${script[0]} exited with ${code}; its output is in ${logFile}`)))
  })
  return {
    process: child,
    line,
    stop: async () => {
      if (child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
