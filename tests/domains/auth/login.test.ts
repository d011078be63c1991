import { hashSync } from 'bcryptjs'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { lockoutKey } from '../../../src/domains/users/lockout.service.ts'
import type { App } from '../../../src/http/app-type.ts'
import { openPasswords } from '../../../src/infra/passwords.ts'
import { serviceUnavailable } from '../../../src/lib/errors.ts'
import { auditOf, freshEmail, logIn, madePassword, makeAccount } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { published } from '../../support/events.ts'

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

const statuses = async (email: string, count: number, password = 'not the one') => {
  const found: number[] = []
  for (let turn = 0; turn < count; turn += 1) found.push((await logIn(app, email, password)).statusCode)
  return found
}
const failures = async (emailKey: string) =>
  (
    await ctx.db
      .selectFrom('login_failures')
      .select('failures')
      .where('email_hash', '=', lockoutKey(ctx, emailKey))
      .executeTakeFirst()
  )?.failures
const openLock = (emailKey: string) =>
  ctx.db
    .updateTable('login_failures')
    .set({ locked_until: sql`now() - interval '1 second'`, last_failed_at: sql`now() - interval '15 minutes'` })
    .where('email_hash', '=', lockoutKey(ctx, emailKey))
    .execute()
/** The app with passwords that are looked at otherwise. */
const appWith = (verifyPassword: TestContext['passwords']['verifyPassword']) =>
  testApp({ ...ctx, passwords: { ...ctx.passwords, verifyPassword } })

describe('signing in', () => {
  it('answers account and tokens', async () => {
    const { id, email } = await makeAccount(ctx.db, { role: 'critic' })
    const answer = await logIn(app, email)
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.json()).toMatchObject({
      user: { id, email, role: 'critic', is_verified: true },
      token_type: 'Bearer',
    })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('says the same of a wrong password and of an address without an account', async () => {
    const { id, email } = await makeAccount(ctx.db)
    const [known, unknown] = [await logIn(app, email, 'not the one'), await logIn(app, freshEmail(), 'not the one')]
    for (const answer of [known, unknown]) {
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({ error: 'wrong_credentials' })
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="lemonnpie"')
    }
    const shape = ({ timestamp, request_id, ...rest }: Record<string, unknown>) => rest
    expect(shape(known.json())).toEqual(shape(unknown.json()))
    expect(await auditOf(ctx.db, id)).toEqual(['login.failed'])
  })

  it('refuses what begins with the password and is too long to have been looked at whole', async () => {
    const password = 'x'.repeat(72)
    const { email } = await makeAccount(ctx.db, { password_hash: hashSync(password, 4) })
    expect((await logIn(app, email, `${password}y`)).statusCode).toBe(401)
    expect((await logIn(app, email, password)).statusCode).toBe(200)
  })

  it('brings a hash of lower cost to the present one, also for two at once', async () => {
    const passwords = openPasswords({ cost: 6 })
    onTestFinished(() => passwords.close())
    const stronger = await testApp({ ...ctx, passwords })
    const { id, email } = await makeAccount(ctx.db, { password_hash: hashSync(madePassword, 5) })
    const answers = await Promise.all([logIn(stronger, email), logIn(stronger, email)])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    const row = await ctx.db.selectFrom('users').select('password_hash').where('id', '=', id).executeTakeFirstOrThrow()
    expect(row.password_hash).toMatch(/^\$2b\$06\$/)
    expect((await logIn(app, email)).statusCode).toBe(200)
  })

  it('lets nobody in whose password was replaced while it was looked at', async () => {
    const { id, email } = await makeAccount(ctx.db)
    const slow = await appWith(async (password, hash) => {
      const isRight = await ctx.passwords.verifyPassword(password, hash)
      await ctx.db
        .updateTable('users')
        .set({ password_hash: hashSync('another one', 4) })
        .where('id', '=', id)
        .execute()
      return isRight
    })
    expect((await logIn(slow, email)).statusCode).toBe(401)
    expect(await ctx.db.selectFrom('sessions').select('id').where('user_id', '=', id).execute()).toEqual([])
  })

  it('tells of a suspension only with the right password', async () => {
    const until = '2099-01-01T00:00:00Z'
    const suspended = { suspended_at: '2026-01-01T00:00:00Z', suspended_until: until, suspension_reason: 'Spam' }
    const { id, email } = await makeAccount(ctx.db, suspended)
    expect((await logIn(app, email, 'not the one')).json().error).toBe('wrong_credentials')
    const answer = await logIn(app, email)
    expect([answer.statusCode, answer.json().error]).toEqual([403, 'account_suspended'])
    expect(answer.json().message).toContain(until)
    expect(answer.json().details).toEqual([
      { field: 'suspended_until', message: until },
      { field: 'suspension_reason', message: 'Spam' },
    ])
    expect(await auditOf(ctx.db, id)).toEqual(['login.failed', 'login.suspended'])
    const forGood = await makeAccount(ctx.db, { suspended_at: '2026-01-01T00:00:00Z' })
    const bare = await logIn(app, forGood.email)
    expect(bare.statusCode).toBe(403)
    expect(bare.json()).not.toHaveProperty('details')
    const over = await makeAccount(ctx.db, { ...suspended, suspended_until: '2026-01-02T00:00:00Z' })
    expect((await logIn(app, over.email)).statusCode).toBe(200)
  })

  it('tells the owner of a device and network that were never seen, once', async () => {
    const { id, email } = await makeAccount(ctx.db)
    const told = async () => (await published(ctx, 'session.new_device')).filter(({ user_id }) => user_id === id).length
    const from = (remoteAddress: string, agent: string) =>
      logIn(app, email, madePassword, { remoteAddress, headers: { 'user-agent': agent } })
    await from('192.0.2.1', 'Phone/1')
    expect(await told()).toBe(1)
    await from('192.0.2.1', 'Phone/1')
    expect(await told()).toBe(1)
    // An update, and the next addresses of a carrier.
    for (const [address, agent] of [
      ['192.0.2.2', 'Phone/1'],
      ['192.0.77.1', 'Phone/2.1'],
    ] as const) {
      await from(address, agent)
      expect(await told()).toBe(1)
    }
    await from('198.51.100.1', 'Phone/1')
    await from('192.0.2.1', 'Laptop/1')
    expect(await told()).toBe(3)
  })
})

describe('the lock', () => {
  it.each([
    ['an account', true],
    ['no account', false],
  ])('closes after five failures for an address with %s, and opens by itself', async (_name, exists) => {
    const email = exists ? (await makeAccount(ctx.db)).email : freshEmail()
    expect(await statuses(email, 5)).toEqual([401, 401, 401, 401, 401])
    const answer = await logIn(app, email)
    expect([answer.statusCode, answer.json().error]).toEqual([423, 'account_locked'])
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(890)
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(900)
    await openLock(email)
    expect((await logIn(app, email)).statusCode).toBe(exists ? 200 : 401)
  })

  it('counts a hundred guesses at once as a hundred, and looks at five', async () => {
    const { id, email } = await makeAccount(ctx.db)
    let looked = 0
    const counting = await appWith(async () => {
      looked += 1
      return false
    })
    const answers = await Promise.all(Array.from({ length: 100 }, () => logIn(counting, email, 'not the one')))
    const count = (status: number) => answers.filter(({ statusCode }) => statusCode === status).length
    expect([looked, count(401), count(423) + count(429), await failures(email)]).toEqual([5, 5, 95, 100])
    expect((await logIn(counting, email)).statusCode).toBe(423)
    const audited = await auditOf(ctx.db, id)
    expect(audited.filter((action) => action === 'login.failed')).toHaveLength(5)
    expect(audited.filter((action) => action === 'login.locked')).toHaveLength(1)
    expect(audited.filter((action) => action === 'login.refused_locked')).toHaveLength(1)
  })

  it('is not closed by right passwords at once: more than five are asked to come again, and then let in', async () => {
    const { id, email } = await makeAccount(ctx.db)
    const [allLooking, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let looking = 0
    const slow = await appWith(async (password, hash) => {
      looking += 1
      if (looking === 5) allLooking.resolve()
      await go.promise
      return ctx.passwords.verifyPassword(password, hash)
    })
    const first = Array.from({ length: 5 }, () => logIn(slow, email))
    await allLooking.promise
    const early = await Promise.all(Array.from({ length: 3 }, () => logIn(slow, email)))
    for (const answer of early) {
      expect([answer.statusCode, answer.json().error, answer.headers['retry-after']]).toEqual([
        429,
        'rate_limited',
        '1',
      ])
    }
    go.resolve()
    expect((await Promise.all(first)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200])
    expect((await logIn(slow, email)).statusCode).toBe(200)
    expect(await failures(email)).toBeUndefined()
    expect(new Set(await auditOf(ctx.db, id))).toEqual(new Set(['session.started']))
  })

  it('gives back the turns of looks whose process died', async () => {
    const { email } = await makeAccount(ctx.db)
    const state = { email_hash: lockoutKey(ctx, email), failures: 7, wrong: 2, looking: 3 }
    await ctx.db
      .insertInto('login_failures')
      .values({ ...state, looked_at: sql`now()` })
      .execute()
    expect((await logIn(app, email)).statusCode).toBe(429)
    await ctx.db
      .updateTable('login_failures')
      .set({ looked_at: sql`now() - interval '31 seconds'` })
      .where('email_hash', '=', state.email_hash)
      .execute()
    expect(await statuses(email, 4)).toEqual([401, 401, 401, 423])
  })

  it('is logged once when it refuses, each time that it closes', async () => {
    const { id, email } = await makeAccount(ctx.db)
    const hash = lockoutKey(ctx, email).toString('hex')
    const refusals = () =>
      ctx.db
        .selectFrom('audit_log')
        .select(['actor_id', 'target_id', 'details'])
        .where('action', '=', 'login.refused_locked')
        .where('target_id', '=', id)
        .execute()
    for (let time = 1; time <= 2; time += 1) {
      await statuses(email, 5)
      expect(await refusals()).toHaveLength(time - 1)
      expect(await statuses(email, 3)).toEqual([423, 423, 423])
      expect(await refusals()).toEqual(
        Array(time).fill({ actor_id: null, target_id: id, details: { address_hash: hash } }),
      )
      await openLock(email)
    }
    const unknown = freshEmail()
    await statuses(unknown, 8)
    const actions = await ctx.db
      .selectFrom('audit_log')
      .select('action')
      .where(sql`details ->> 'address_hash'`, '=', lockoutKey(ctx, unknown).toString('hex'))
      .orderBy('id')
      .execute()
    expect(actions.map(({ action }) => action)).toEqual([
      ...Array(5).fill('login.failed'),
      'login.locked',
      'login.refused_locked',
    ])
  })

  it('forgets failures when the password was right, and those of long ago', async () => {
    const { email } = await makeAccount(ctx.db)
    expect(await statuses(email, 4)).toEqual([401, 401, 401, 401])
    expect((await logIn(app, email)).statusCode).toBe(200)
    expect(await failures(email)).toBeUndefined()
    expect(await statuses(email, 4)).toEqual([401, 401, 401, 401])
    await ctx.db
      .updateTable('login_failures')
      .set({ last_failed_at: sql`now() - interval '16 minutes'` })
      .where('email_hash', '=', lockoutKey(ctx, email))
      .execute()
    expect(await statuses(email, 1)).toEqual([401])
    expect(await failures(email)).toBe(1)
  })

  it('is one for all spellings of an address', async () => {
    await statuses('lock.me+a@gmail.com', 3)
    await statuses('LOCKME@googlemail.com', 2)
    expect((await logIn(app, 'l.o.c.k.m.e@gmail.com')).statusCode).toBe(423)
  })

  it('does not count attempts whose password nobody could look at', async () => {
    const { email } = await makeAccount(ctx.db)
    const busy = await appWith(() => Promise.reject(serviceUnavailable()))
    for (let turn = 0; turn < 7; turn += 1) expect((await logIn(busy, email)).statusCode).toBe(503)
    expect(await failures(email)).toBe(0)
    expect((await logIn(app, email)).statusCode).toBe(200)
  })

  it('refuses what is no address', async () => {
    const answer = await logIn(app, 'ada@localhost')
    expect(answer.json().details).toEqual([{ field: 'body.email', message: 'is no e-mail address' }])
  })
})
