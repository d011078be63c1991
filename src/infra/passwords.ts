import { availableParallelism } from 'node:os'
import { getRounds, truncates } from 'bcryptjs'
import { Piscina } from 'piscina'
import { serviceUnavailable } from '../lib/errors.ts'

/** bcrypt's cost: each one more doubles the work. */
export const passwordCost = 12

/** Hashing and comparing passwords, on threads of its own: at this cost each takes a third of a second. */
export interface Passwords {
  /** @throws AppError 503 when too many are waiting already */
  hashPassword(password: string): Promise<string>
  /** @throws AppError 503 when too many are waiting already */
  verifyPassword(password: string, hash: string): Promise<boolean>
  /**
   * The hash of a password that nobody has, at the present cost: an address without an account is checked against it, so
   * that it takes the work of one with an account.
   */
  readonly nobodysHash: string
  /** Whether a hash was made at a lower cost than is asked for today. */
  isOutdated(hash: string): boolean
  close(): Promise<void>
}

export interface PasswordOptions {
  /** How many passwords may be in work or wait at once; by default so many that the last waits some five seconds. */
  readonly most?: number
  /** For tests, which sign in thousands of times. */
  readonly cost?: number
}

/** Waiting for each thread; at a third of a second each. */
const waitingEach = 16

/** No thread starts before the first password. */
export function openPasswords({ most, cost = passwordCost }: PasswordOptions = {}): Passwords {
  // One core is left to the event loop.
  const maxThreads = Math.max(1, availableParallelism() - 1)
  const limit = most ?? maxThreads * waitingEach
  let pool: Piscina | undefined
  let present = 0

  const run = async <T>(name: 'hash' | 'verify', task: object): Promise<T> => {
    if (present >= limit) throw serviceUnavailable({ message: 'Too many people are signing in: try again soon.' })
    pool ??= new Piscina({
      filename: new URL('./password-worker.ts', import.meta.url).href,
      minThreads: 0,
      maxThreads,
      idleTimeout: 60_000,
      // Where cores are short, requests come first (Linux alone knows it of threads).
      niceIncrement: 5,
    })
    present += 1
    try {
      return (await pool.run(task, { name })) as T
    } finally {
      present -= 1
    }
  }

  return {
    hashPassword: (password) => run('hash', { password, cost }),
    // bcrypt looks at 72 bytes: a longer password is nobody's, but costs the same to refuse.
    verifyPassword: async (password, hash) =>
      (await run<boolean>('verify', { password, hash })) && !truncates(password),
    nobodysHash: `$2b$${String(cost).padStart(2, '0')}$C0dqIYIDheH8K7yQW2Q7n.pHIOml2ncMGXXTDfDLRmmjHrSO8no3O`,
    isOutdated: (hash) => getRounds(hash) < cost,
    async close() {
      await pool?.close({ force: true })
    },
  }
}
