import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Which files need the database, and in which modes they run, follows from where they are.
const unit = [
  'tests/!(access-matrix).test.ts',
  'tests/lib/**/*.test.ts',
  'tests/bench/**/*.test.ts',
  // Policies are pure.
  'tests/domains/*/*-policy.test.ts',
]
const scripts = ['tests/scripts/**/*.test.ts', 'tests/seed/**/*.test.ts']
const integration = ['tests/**/*.test.ts']

const globalSetup = ['tests/support/global-setup.ts']
// Safe since no module holds state, and several times faster than a fresh worker for each file.
const common = {
  pool: 'threads',
  isolate: false,
  // Long, for what hangs alone: a machine with other things to do may be several times slower.
  testTimeout: 60_000,
  hookTimeout: 90_000,
  // A second, which is what Vitest waits, is little for a processor that others use as well.
  expect: { poll: { timeout: 10_000 } },
} as const

const least = (percent: number) => ({
  lines: percent,
  statements: percent,
  functions: percent,
  branches: percent,
})

export default defineConfig({
  test: {
    // Tests wait for Postgres and for time more than they compute; Vitest would leave one processor idle.
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ['default', './tests/support/count-reporter.ts'],
    projects: [
      { test: { ...common, name: 'unit', include: unit } },
      {
        test: {
          ...common,
          name: 'memory',
          include: integration,
          exclude: [...unit, ...scripts],
          globalSetup,
          provide: { mode: 'memory' },
        },
      },
      {
        test: {
          ...common,
          name: 'redis',
          include: integration,
          exclude: [...unit, ...scripts],
          globalSetup,
          provide: { mode: 'redis' },
        },
      },
      // These start and kill processes, which takes seconds, and need a process of their own for it.
      { test: { ...common, name: 'scripts', include: scripts, globalSetup, pool: 'forks', testTimeout: 180_000 } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: {
        ...least(90),
        // Who may come in, and as whom.
        'src/domains/auth/**/*.ts': least(100),
        'src/domains/users/account.*.ts': least(100),
        'src/domains/users/lockout.*.ts': least(100),
        'src/http/{access,access-token,authentication,caller.queries,limits,origins,refresh-cookie,signed-in,tidy-credentials}.ts':
          least(100),
        'src/infra/{audit,passwords,secrets}.ts': least(100),
      },
    },
  },
})
