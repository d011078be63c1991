import { getRounds, hashSync } from 'bcryptjs'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { openPasswords, type Passwords } from '../../src/infra/passwords.ts'
import { freshEmail, logIn, madePassword, makeAccount } from '../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'

// Whether an address has an account must not show in the time that an answer takes. Time is noise here, so what takes
// time is counted: looks at passwords with the cost of each, and statements by their names.
let ctx: TestContext
let app: App
const looks: number[] = []
const appWith = (passwords: Passwords) =>
  testApp({
    ...ctx,
    passwords: {
      ...passwords,
      verifyPassword: (password, hash) => {
        looks.push(getRounds(hash))
        return passwords.verifyPassword(password, hash)
      },
    },
  })
beforeAll(async () => {
  ctx = await testContext()
  app = await appWith(ctx.passwords)
  return () => ctx[Symbol.asyncDispose]()
})

const statements = async (): Promise<Map<string, number>> => {
  const { values } = await ctx.metrics.queryDuration.get()
  const counts = values.filter(({ metricName }) => metricName?.endsWith('_count'))
  return new Map(counts.map(({ labels, value }) => [String(labels.query), value]))
}

/** What is done for a request: statements by name and the costs of looks at passwords. */
async function workOf(ask: () => Promise<{ statusCode: number }>) {
  const before = await statements()
  looks.length = 0
  const { statusCode } = await ask()
  const after = await statements()
  const made = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
  return { statusCode, looks: [...looks], statements: Object.fromEntries(made.filter(([, count]) => count > 0)) }
}

describe('the work', () => {
  it('of a wrong password and of an address without an account is the same, attempt by attempt, into the lock', async () => {
    const { email } = await makeAccount(ctx.db)
    const unknown = freshEmail()
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      const [known, stranger] = [
        await workOf(() => logIn(app, email, 'not the one')),
        await workOf(() => logIn(app, unknown, 'not the one')),
      ]
      expect(stranger, `attempt ${attempt}`).toEqual(known)
      expect(known.statusCode).toBe(attempt <= 5 ? 401 : 423)
      expect(known.looks).toEqual(attempt <= 5 ? [4] : [])
      expect(known.statements.countAttempt).toBe(1)
    }
  })

  it('of a wrong password is the same for an account that is suspended', async () => {
    const [suspended, plain] = [
      await makeAccount(ctx.db, { suspended_at: '2026-01-01T00:00:00Z' }),
      await makeAccount(ctx.db),
    ]
    const works = [suspended, plain].map(({ email }) => email)
    const [first, second] = [
      await workOf(() => logIn(app, works[0]!, 'not the one')),
      await workOf(() => logIn(app, works[1]!, 'not the one')),
    ]
    expect(first).toEqual(second)
  })

  it('of a wrong password is no less for an account whose hash is of a lower cost than today’s', async () => {
    const passwords = openPasswords({ cost: 6 })
    onTestFinished(() => passwords.close())
    const today = await appWith(passwords)
    const { email } = await makeAccount(ctx.db, { password_hash: hashSync(madePassword, 4) })
    const [old, unknown] = [
      await workOf(() => logIn(today, email, 'not the one')),
      await workOf(() => logIn(today, freshEmail(), 'not the one')),
    ]
    expect(unknown.looks).toEqual([6])
    expect(old).toEqual({ ...unknown, looks: [4, 6] })
    expect((await logIn(today, email)).statusCode).toBe(200)
  })

  it('of a forgotten password is the same for known and unknown addresses', async () => {
    const forget = (email: string) =>
      app.inject({ method: 'POST', url: '/api/v1/auth/forgot-password', payload: { email } })
    const { email } = await makeAccount(ctx.db)
    const [known, unknown] = [await workOf(() => forget(email)), await workOf(() => forget(freshEmail()))]
    expect(unknown).toEqual(known)
    expect(known.statusCode).toBe(202)
    // The unnamed ones begin and commit.
    expect(known.statements).toEqual({ unnamed: 2, findAccountByEmail: 1, recordAudit: 1, publishEvent: 1 })
  })
})
