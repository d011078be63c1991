import { spawn } from 'node:child_process'
import path from 'node:path'
import { bareEnvironment } from './bare-environment.ts'

const root = path.join(import.meta.dirname, '..', '..')

export type ScriptResult = { code: number | null; stdout: string; stderr: string }

/** Runs one of our command lines to its end, in an environment that has only what is given, and PATH. */
export function runScript(script: string, args: string[], env: Record<string, string>): Promise<ScriptResult> {
  const child = spawn(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    env: { ...bareEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const result: ScriptResult = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    result.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    result.stderr += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ ...result, code }))
  })
}
