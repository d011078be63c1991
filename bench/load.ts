import { connect, requestOf } from './connection.ts'

export interface LoadOptions {
  readonly origin: string
  /** Paths to ask for, dealt out to the connections in random order; each asks for its own again and again. */
  readonly paths: readonly string[]
  readonly connections: number
  readonly seconds: number
  /**
   * Whether to look for answers without ever sleeping. A server that writes to somebody who sleeps on another processor of the
   * same machine wakes them, which on virtual ones takes longer than the answer; over a network it would not be the server's
   * to do. Takes a processor for itself, so only where nothing but the server is at work.
   */
  readonly polls?: boolean
  /** An access token to ask with. */
  readonly token?: string
}

/** Requests a second, and milliseconds from sending a request to the end of its answer. */
export interface LoadResult {
  readonly rate: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly requests: number
  readonly failures: number
}

/** The value below which a share of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  const index = Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)
  return sorted[Math.max(0, index)] ?? Number.NaN
}

function shuffled<T>(values: readonly T[]): T[] {
  const result = [...values]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[result[last], result[other]] = [result[other]!, result[last]!]
  }
  return result
}

/** Loads one server for some seconds; anything but a 2xx or 3xx counts as a failure. */
export async function load({
  origin,
  paths,
  connections,
  seconds,
  token,
  polls = false,
}: LoadOptions): Promise<LoadResult> {
  const milliseconds: number[] = []
  let failures = 0
  const order = shuffled(paths).map((path) => requestOf(origin, path, token))
  const begun = performance.now()
  const until = begun + seconds * 1_000
  const run = async (own: readonly Buffer[]): Promise<void> => {
    const connection = await connect(origin)
    try {
      for (let turn = 0; performance.now() < until; turn++) {
        const answer = await connection.ask(own[turn % own.length]!)
        milliseconds.push(answer.milliseconds)
        if (answer.status >= 400) failures++
      }
    } finally {
      connection.close()
    }
  }
  const dealt = (own: number): Buffer[] =>
    order.length < connections ? order : order.filter((_, index) => index % connections === own)
  let polling = polls
  const poll = (): void => {
    if (polling) setImmediate(poll)
  }
  poll()
  await Promise.all(Array.from({ length: connections }, (_, own) => run(dealt(own))))
  polling = false
  const duration = (performance.now() - begun) / 1_000
  milliseconds.sort((a, b) => a - b)
  return {
    rate: milliseconds.length / duration,
    p50: percentile(milliseconds, 0.5),
    p95: percentile(milliseconds, 0.95),
    p99: percentile(milliseconds, 0.99),
    requests: milliseconds.length,
    failures,
  }
}

/** Runs the same rounds of several loads in turn, so that what else the machine does falls on all alike; the median rate's round counts. */
export async function interleaved(
  rounds: number,
  loads: ReadonlyArray<(round: number) => Promise<LoadResult>>,
): Promise<LoadResult[]> {
  const results: LoadResult[][] = loads.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [index, run] of loads.entries()) results[index]!.push(await run(round))
  return results.map((runs) => runs.sort((a, b) => a.rate - b.rate)[Math.floor(runs.length / 2)]!)
}
