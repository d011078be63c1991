import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends the output with `N passed, N failed`, from the runner's own count. A file that doesn't load and an error outside
 * any test count as failed; skipped tests, which there should be none of, are told.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1
      for (const test of module.children.allTests()) count[test.result().state] += 1
    }
    const unrun = count.skipped + count.pending
    const line = `${count.passed} passed, ${count.failed} failed${unrun > 0 ? `, ${unrun} not run` : ''}\n`
    // At the exit, since the table of coverage comes after the last event that a reporter gets.
    process.once('exit', () => process.stdout.write(line))
  }
}
