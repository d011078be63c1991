import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import { processEnvironment } from '../src/config.ts'
import { type Child, startChild } from './children.ts'
import { interleaved, type LoadResult, load } from './load.ts'
import { buildWorkloads, type Workload } from './workload.ts'

export interface HttpComparison {
  readonly name: string
  readonly bytes: number
  readonly ours: LoadResult
  /** A bare Fastify route that sends the same bytes. */
  readonly bare: LoadResult
}

export interface HttpOptions {
  readonly pool: pg.Pool
  /** Where the API listens. */
  readonly origin: string
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
}

/** The API as it runs in production, but for the rate limits, which the load would be stopped by. */
export async function startApi(databaseUrl: string, logFile: string): Promise<Child & { readonly origin: string }> {
  const environment = {
    ...processEnvironment(),
    NODE_ENV: 'development',
    DATABASE_URL: databaseUrl,
    PORT: '0',
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'info',
  } as Record<string, string>
  const child = await startChild(['src/server.ts'], environment, /the API is up at/, logFile)
  return { ...child, origin: /http:\/\/[\d.]+:\d+/.exec(child.line)![0] }
}

/** The answer of middling size among some of a workload's. */
async function typicalAnswer(origin: string, { paths }: Workload): Promise<Buffer> {
  const step = Math.max(1, Math.floor(paths.length / 50))
  const answers: Buffer[] = []
  for (let index = 0; index < paths.length; index += step) {
    answers.push(Buffer.from(await (await fetch(origin + paths[index])).arrayBuffer()))
  }
  return answers.sort((a, b) => a.length - b.length)[Math.floor(answers.length / 2)]!
}

async function compare(workload: Workload, folder: string, options: HttpOptions): Promise<HttpComparison> {
  const { origin, connections, seconds, rounds } = options
  const bytes = await typicalAnswer(origin, workload)
  const file = path.join(folder, 'answer.json')
  await writeFile(file, bytes)
  const bare = await startChild(['bench/bare-server.ts', file], {}, /^http/, path.join(folder, 'bare.log'))
  try {
    // Parts of its own for the warm-up and each round, where a path is not to be met in the cache.
    const parts = workload.once ? rounds + 1 : 1
    const part = (number: number): string[] => workload.paths.filter((_, index) => index % parts === number % parts)
    const polls = workload.kept === true
    await load({ origin, paths: part(rounds), connections, seconds: Math.min(2, seconds), polls })
    const [ours, theirs] = await interleaved(rounds, [
      (round) => load({ origin, paths: part(round), connections, seconds, polls }),
      () => load({ origin: bare.line, paths: ['/'], connections, seconds, polls }),
    ])
    return { name: workload.name, bytes: bytes.length, ours: ours!, bare: theirs! }
  } finally {
    await bare.stop()
  }
}

/** Loads each endpoint and, in turns with it, a bare route that sends as many bytes. */
export async function compareOverHttp(options: HttpOptions): Promise<HttpComparison[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lemonnpie-bench-'))
  try {
    const comparisons: HttpComparison[] = []
    for (const workload of Object.values(await buildWorkloads(options.pool, options.origin))) {
      comparisons.push(await compare(workload, folder, options))
    }
    return comparisons
  } finally {
    await rm(folder, { recursive: true })
  }
}
