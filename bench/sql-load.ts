import { type LoadResult, percentile } from './load.ts'

/**
 * Does the same again and again, at most `concurrency` at a time.
 * @returns how often a second, and milliseconds each took
 */
export async function sqlLoad(ask: () => Promise<unknown>, concurrency: number, seconds: number): Promise<LoadResult> {
  const milliseconds: number[] = []
  const start = performance.now()
  const deadline = start + seconds * 1000
  const worker = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const begun = performance.now()
      await ask()
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
