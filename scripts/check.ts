import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { styleText } from 'node:util'

/** What `npm test` runs, each an npm script of its own. The tests come last: they end with the runner's count. */
const checks = [
  'typecheck',
  'lint',
  'unused',
  'types:check',
  'erd:check',
  'openapi:check',
  'asyncapi:check',
  'errors:check',
  'limits:check',
  'env:check',
  'mail:check',
  'openapi:lint',
]

interface Outcome {
  readonly script: string
  readonly passed: boolean
  readonly seconds: number
  readonly output: string
}

async function run(script: string, stdio: 'pipe' | 'inherit'): Promise<Outcome> {
  const started = performance.now()
  // By way of the shell because npm is a script, which Windows cannot start otherwise.
  const child = spawn(`npm run --silent ${script}`, { shell: true, stdio: ['ignore', stdio, stdio] })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  const seconds = (performance.now() - started) / 1000
  return { script, passed: code === 0, seconds, output: Buffer.concat(chunks).toString() }
}

function report({ script, passed, seconds, output }: Outcome): void {
  const mark = passed ? styleText('green', '✓') : styleText('red', '✗')
  console.log(`${mark} ${script.padEnd(14)} ${seconds.toFixed(1).padStart(5)} s`)
  if (!passed) console.log(`\n${output.trimEnd()}\n\n${styleText('red', `npm run ${script}`)} failed.`)
}

/** Runs the checks, as many at a time as there are processors, and starts no more once one has failed. */
async function allPass(scripts: readonly string[]): Promise<boolean> {
  const waiting = [...scripts]
  let failed = false
  const worker = async () => {
    for (let script = waiting.shift(); script !== undefined && !failed; script = waiting.shift()) {
      const outcome = await run(script, 'pipe')
      failed ||= !outcome.passed
      report(outcome)
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), scripts.length) }, worker))
  return !failed
}

const passed = (await allPass(checks)) && (await run('test:run', 'inherit')).passed
process.exitCode = passed ? 0 : 1
