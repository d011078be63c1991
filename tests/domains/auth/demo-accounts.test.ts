import { hashSync } from 'bcryptjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { seedDemoAccounts } from '../../../scripts/seed/demo-accounts.ts'
import { emailKeyOf } from '../../../src/domains/auth/email.policy.ts'
import type { App } from '../../../src/http/app-type.ts'
import { demoAccounts, demoPassword } from '../../../src/lib/demo-accounts.ts'
import { bearer, freshEmail, logIn } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

// One database, and two apps over it: what DEMO=on left behind must be of no use to anybody once it is off.
let ctx: TestContext
let on: App
let off: App
let looks = 0
beforeAll(async () => {
  ctx = await testContext()
  await ctx.db
    .insertInto('users')
    .values(
      demoAccounts.map(({ email, name, role }) => ({
        email,
        email_key: emailKeyOf(email)!,
        name,
        role,
        is_verified: true,
        password_hash: hashSync(demoPassword, 4),
      })),
    )
    .execute()
  on = await testApp({ ...ctx, config: { ...ctx.config, DEMO: 'on' } })
  const verifyPassword: TestContext['passwords']['verifyPassword'] = (password, hash) => {
    looks += 1
    return ctx.passwords.verifyPassword(password, hash)
  }
  off = await testApp({ ...ctx, passwords: { ...ctx.passwords, verifyPassword } })
  return () => ctx[Symbol.asyncDispose]()
})

const bare = ({ timestamp, request_id, ...rest }: Record<string, unknown>) => rest
const profile = (app: App, token: string) =>
  app.inject({ url: '/api/v1/users/profile', headers: bearer(token) }).then(({ statusCode }) => statusCode)
const refresh = (app: App, refresh_token: string) =>
  app.inject({ method: 'POST', url: '/api/v1/auth/refresh', payload: { refresh_token } })
const register = (app: App, email: string) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/auth/register',
    payload: { email, name: 'Ada', password: 'Ofada rice at Iya Basira' },
  })

describe('a demo account', () => {
  it.each(demoAccounts)('signs in as $email only where DEMO is on', async ({ email, role }) => {
    const inside = await logIn(on, email, demoPassword)
    expect(inside.json()).toMatchObject({ user: { email, role } })
    looks = 0
    const [outside, stranger] = [await logIn(off, email, demoPassword), await logIn(off, freshEmail(), demoPassword)]
    expect(outside.statusCode).toBe(401)
    expect(bare(outside.json())).toEqual(bare(stranger.json()))
    expect(looks).toBe(2)
    expect((await logIn(off, email.toUpperCase(), demoPassword)).statusCode).toBe(401)
  })

  it('is let in by no session of when DEMO was on, and loses none by it', async () => {
    const { access_token, refresh_token } = (await logIn(on, 'admin@lemonnpie.test', demoPassword)).json()
    expect([await profile(on, access_token), await profile(off, access_token)]).toEqual([200, 401])
    const refused = await refresh(off, refresh_token)
    expect([refused.statusCode, refused.json().error]).toEqual([401, 'session_over'])
    expect((await refresh(on, refresh_token)).statusCode).toBe(200)
  })
})

describe('the address of a demo account', () => {
  it.each(demoAccounts)('$email is taken, with DEMO and without, whether or not it has an account', async (demo) => {
    const { email } = demo
    const spelled = email.replace('@lemonnpie', '@LemonNPie')
    for (const app of [on, off]) {
      const answer = await register(app, spelled)
      expect([answer.statusCode, answer.json().error]).toEqual([409, 'email_taken'])
    }
    await ctx.db.deleteFrom('users').where('email_key', '=', email).execute()
    for (const app of [on, off]) {
      const answer = await register(app, spelled)
      expect([answer.statusCode, answer.json().error]).toEqual([409, 'email_taken'])
    }
    expect(await ctx.db.selectFrom('users').select('id').where('email_key', '=', email).execute()).toEqual([])
  })

  it('is written as it is told apart, so that the seed finds who is there', async () => {
    expect(demoAccounts.map(({ email }) => emailKeyOf(email))).toEqual(demoAccounts.map(({ email }) => email))
    const before = await seedDemoAccounts(ctx.config.DATABASE_URL)
    expect([before, await seedDemoAccounts(ctx.config.DATABASE_URL)]).toEqual([4, 0])
  })
})
