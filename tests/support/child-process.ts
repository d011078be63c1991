import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { bareEnvironment } from './bare-environment.ts'

const root = path.join(import.meta.dirname, '..', '..')

/** A process of ours that runs until it is told to stop. */
export interface RunningProcess {
  readonly child: ChildProcess
  readonly output: () => string
  readonly errors: () => string
  /** Resolves with the first match in what it prints; rejects when it ends before. */
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>
  /** @returns its exit code, or null when a signal ended it */
  readonly ended: () => Promise<number | null>
}

/** Starts a file of src, of this checkout or a copy, in an environment that has only what is given, and PATH. */
export function startProcess(file: string, env: Record<string, string>, directory = root): RunningProcess {
  const child = spawn(process.execPath, [path.join(directory, file)], {
    cwd: directory,
    env: { ...bareEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const closed = once(child, 'close').then(([code]) => code as number | null)
  return {
    child,
    output: () => output,
    errors: () => errors,
    ended: () => closed,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output)
          if (match) resolve(match)
        }
        child.stdout.on('data', look)
        closed.then((code) => reject(new Error(`it ended with ${code} before it said ${pattern}:\n${output}${errors}`)))
        look()
      }),
  }
}
