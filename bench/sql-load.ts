import type pg from 'pg'
import { type LoadResult, percentile } from './load.ts'

/**
 * Runs one statement again and again over a pool, at most `concurrency` at a time.
 * @param parametersOf the parameters of the n-th run
 * @returns runs a second, and milliseconds from sending to the last row
 */
export async function sqlLoad(
  pool: pg.Pool,
  text: string,
  parametersOf: (run: number) => readonly unknown[],
  concurrency: number,
  seconds: number,
): Promise<LoadResult> {
  const milliseconds: number[] = []
  const start = performance.now()
  const deadline = start + seconds * 1000
  let run = 0
  const worker = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const begun = performance.now()
      await pool.query(text, [...parametersOf(run++)])
      milliseconds.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const elapsed = (performance.now() - start) / 1000
  milliseconds.sort((a, b) => a - b)
  return {
    rate: milliseconds.length / elapsed,
    p50: percentile(milliseconds, 0.5),
    p95: percentile(milliseconds, 0.95),
    p99: percentile(milliseconds, 0.99),
    requests: milliseconds.length,
    failures: 0,
  }
}
