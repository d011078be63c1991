import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { auditOf, bearer, freshEmail, logIn, makeAccount } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { published } from '../../support/events.ts'

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

const password = 'Ofada rice at Iya Basira'
const register = (payload: object) => app.inject({ method: 'POST', url: '/api/v1/auth/register', payload })
const wrong = async (payload: object) => {
  const before = await countAll()
  const answer = await register(payload)
  expect(answer.statusCode, answer.body).toBe(422)
  expect(await countAll()).toBe(before)
  return answer.json().details as Array<{ field: string; message: string }>
}
const countAll = async () =>
  Number(
    (
      await ctx.db
        .selectFrom('users')
        .select((q) => q.fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  )

describe('registering', () => {
  it('opens an account, signs in, and has the address verified', async () => {
    const email = `Ngozi.${freshEmail()}`
    const answer = await register({ email: ` ${email} `, password, name: '  Ngọzi  Eze ' })
    expect(answer.statusCode, answer.body).toBe(201)
    const { user, ...tokens } = answer.json()
    expect(user).toEqual({
      id: expect.any(String),
      email,
      name: 'Ngọzi  Eze',
      avatar_url: null,
      role: 'user',
      is_verified: false,
      created_at: expect.stringMatching(/Z$/),
    })
    expect(tokens).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'Bearer',
      expires_in: 900,
    })
    expect(answer.headers).toMatchObject({ location: `/api/v1/users/${user.id}`, 'cache-control': 'no-store' })
    expect(answer.body).not.toContain('password')
    const row = await ctx.db.selectFrom('users').selectAll().where('id', '=', user.id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      email,
      email_key: email.toLowerCase(),
      password_hash: expect.stringMatching(/^\$2b\$04\$/),
    })
    expect(await published(ctx, 'user.registered')).toContainEqual({ user_id: user.id })
    expect(await published(ctx, 'email.verification_requested')).toContainEqual({ user_id: user.id })
    // Its own registration is no stranger's sign-in.
    expect(await published(ctx, 'session.new_device')).not.toContainEqual(expect.objectContaining({ user_id: user.id }))
    expect(await auditOf(ctx.db, user.id)).toEqual(['user.registered', 'session.started'])
    const sessions = await app.inject({ url: '/api/v1/auth/sessions', headers: bearer(tokens.access_token) })
    expect(sessions.json().data).toHaveLength(1)
    expect((await logIn(app, email.toUpperCase(), password)).statusCode).toBe(200)
  })

  it.each([
    ['102.89.23.10:4711', '102.89.23.10'],
    ['unknown', null],
  ])('works behind a proxy that says %s of where it comes from', async (told, address) => {
    const behind = await testApp({ ...ctx, config: { ...ctx.config, TRUST_PROXY: '127.0.0.1' } })
    const answer = await behind.inject({
      method: 'POST',
      url: '/api/v1/auth/register',
      headers: { 'x-forwarded-for': told },
      payload: { email: freshEmail(), password, name: 'Ngozi Eze' },
    })
    expect(answer.statusCode, answer.body).toBe(201)
    const headers = { authorization: `Bearer ${answer.json().access_token}` }
    const sessions = await behind.inject({ url: '/api/v1/auth/sessions', headers })
    expect(sessions.json().data).toMatchObject([{ address }])
  })

  it('keeps the blanks of a password, and takes its letters however a keyboard writes them', async () => {
    const email = freshEmail()
    expect((await register({ email, password: ' Ọlá sí ọ ', name: 'Ola' })).statusCode).toBe(201)
    expect((await logIn(app, email, 'Ọlá sí ọ')).statusCode).toBe(401)
    expect((await logIn(app, email, ' Ọlá sí ọ '.normalize('NFD'))).statusCode).toBe(200)
  })

  it.each([
    ['Amaka.Obi', 'example.org', 'AMAKA.OBI@Example.ORG'],
    ['amaka.obi', 'gmail.com', 'a.makaobi+nollywood@googlemail.com'],
    ['amaka.obi', 'outlook.com', 'amaka.obi+nollywood@outlook.com'],
    ['amaka', 'münchen.example', 'amaka@xn--mnchen-3ya.example'],
  ])('refuses %s at %s twice', async (local, domain, again) => {
    await makeAccount(ctx.db, { email: `${local}@${domain}` })
    const answer = await register({ email: again, password, name: 'Somebody' })
    expect([answer.statusCode, answer.json().error]).toEqual([409, 'email_taken'])
  })

  it('refuses all but one of many at once', async () => {
    const email = freshEmail()
    const answers = await Promise.all([1, 2, 3].map(() => register({ email, password, name: 'Somebody' })))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409, 409])
  })

  it.each([
    ['short', 'is too short: 5 bytes, where at least 8 are needed'],
    ['ọ'.repeat(30), 'is too long: 90 bytes, where at most 72 can be kept'],
    ['Password1', 'is among the 10,000 most leaked passwords'],
    ['my-nkechi.ude-login', 'is like the e-mail address'],
    ['Ebele Udemezue', 'is like the name'],
  ])('says what is wrong with the password %s', async (bad, message) => {
    const details = await wrong({ email: 'nkechi.ude@example.com', password: bad, name: 'Ebele Udemezue' })
    expect(details).toEqual([{ field: 'body.password', message }])
  })

  it('refuses what is not for a caller to say, and every wrong field', async () => {
    const fields = async (more: object) =>
      (await wrong({ email: freshEmail(), password, name: 'Somebody', ...more })).map(({ field }) => field)
    expect(await fields({ role: 'admin' })).toEqual(['body.role'])
    expect(await fields({ is_verified: true })).toEqual(['body.is_verified'])
    expect(await fields({ email: 'ada@localhost' })).toEqual(['body.email'])
    expect(await fields({ email: 'a b@example.com', name: '\u202e', password: 'a\u0000bcdefgh' })).toEqual([
      'body.email',
      'body.password',
      'body.name',
    ])
    expect(await fields({ email: 1, password: ['x'], name: null, cookie: 'yes' })).toEqual([
      'body.email',
      'body.password',
      'body.name',
      'body.cookie',
    ])
    for (const body of [null, [], 'x', {}]) {
      const answer = await app.inject({
        method: 'POST',
        url: '/api/v1/auth/register',
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify(body),
      })
      expect(answer.statusCode, JSON.stringify(body)).toBe(422)
    }
  })
})
