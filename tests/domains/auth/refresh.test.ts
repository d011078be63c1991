import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { auditOf, bearer, makeAccount, makeSession } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

const refresh = (refresh_token?: string, on = app) =>
  on.inject({
    method: 'POST',
    url: '/api/v1/auth/refresh',
    payload: refresh_token === undefined ? {} : { refresh_token },
  })
const next = async (token: string): Promise<string> => (await refresh(token)).json().refresh_token
const tokensOf = (session: string) =>
  ctx.db.selectFrom('refresh_tokens').selectAll().where('session_id', '=', session).execute()
/** As if the tokens of a session had been used so long ago that their grace is over. */
const passGrace = (session: string) =>
  ctx.db
    .updateTable('refresh_tokens')
    .set({ used_at: sql`used_at - interval '11 seconds'` })
    .where('session_id', '=', session)
    .execute()
const canEnter = async (headers: Record<string, string>) =>
  (await app.inject({ url: '/api/v1/auth/sessions', headers })).statusCode

describe('refreshing', () => {
  it('uses the token up and brings the next, with an access token of the same session', async () => {
    const { account, session, refresh: token } = await makeSession(ctx, app)
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/auth/refresh',
      payload: { refresh_token: token },
      remoteAddress: '2c0f:f5c0::1',
      headers: { 'user-agent': 'Phone/2' },
    })
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.json()).toMatchObject({ user: { id: account.id }, token_type: 'Bearer', expires_in: 900 })
    const { access_token, refresh_token } = answer.json()
    expect(refresh_token).toMatch(/^[\w-]{43}$/)
    expect(refresh_token).not.toBe(token)
    const { data } = (await app.inject({ url: '/api/v1/auth/sessions', headers: bearer(access_token) })).json()
    expect(data).toEqual([
      expect.objectContaining({ id: session, address: '2c0f:f5c0::1', user_agent: 'Phone/2', is_current: true }),
    ])
    expect(JSON.stringify(await tokensOf(session))).not.toContain(token)
  })

  it('by twenty at once: one uses the token, all get the same next one, and the family does not fork', async () => {
    const { session, refresh: token } = await makeSession(ctx, app)
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token)))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200))
    expect(new Set(answers.map((answer) => answer.json().refresh_token)).size).toBe(1)
    const tokens = await tokensOf(session)
    expect(tokens).toHaveLength(2)
    expect(tokens.filter(({ used_at }) => used_at === null)).toHaveLength(1)
  })

  it('again within the grace leads to where the family is by now', async () => {
    const { refresh: first, headers } = await makeSession(ctx, app)
    const second = await next(first)
    const third = await next(second)
    expect(await next(first)).toBe(third)
    expect(await next(third)).not.toBe(third)
    expect(await canEnter(headers)).toBe(200)
  })

  it('again later ends the session, is told, and leaves other sessions alone', async () => {
    const { account, session, refresh: first, headers } = await makeSession(ctx, app)
    const other = await makeSession(ctx, app, account)
    const second = await next(first)
    await passGrace(session)
    const answer = await refresh(first)
    expect([answer.statusCode, answer.json().error]).toEqual([401, 'token_reused'])
    expect(await canEnter(headers)).toBe(401)
    const after = await refresh(second)
    expect([after.statusCode, after.json().error]).toEqual([401, 'session_over'])
    expect(await canEnter(other.headers)).toBe(200)
    expect(await auditOf(ctx.db, account.id)).toEqual([
      'session.started',
      'session.started',
      'session.token_reused',
      'session.ended',
    ])
  })

  it('in the grace is a reuse all the same when the family has gone further than anybody does in a moment', async () => {
    const { session, refresh: first } = await makeSession(ctx, app)
    await next(first)
    await ctx.db
      .updateTable('refresh_tokens')
      .set({ token_hash: Buffer.alloc(32, 7) })
      .where('session_id', '=', session)
      .where('used_at', 'is', null)
      .execute()
    expect((await refresh(first)).json().error).toBe('token_reused')
  })

  it('takes only what is a token, of a session that goes on', async () => {
    const { session, refresh: token, headers, account } = await makeSession(ctx, app)
    for (const [bad, status, code] of [
      ['x', 401, 'unauthorized'],
      [`${token}x`, 401, 'unauthorized'],
      [undefined, 401, 'unauthorized'],
      ['', 422, 'validation_error'],
      ['ọ', 422, 'validation_error'],
      ['x'.repeat(101), 422, 'validation_error'],
    ] as const) {
      const answer = await refresh(bad)
      expect([answer.statusCode, answer.json().error], bad).toEqual([status, code])
    }
    const suspended = { suspended_at: '2026-01-01T00:00:00Z' }
    await ctx.db.updateTable('users').set(suspended).where('id', '=', account.id).execute()
    expect((await refresh(token)).json().error).toBe('account_suspended')
    await ctx.db.updateTable('users').set({ suspended_at: null }).where('id', '=', account.id).execute()
    await ctx.db.updateTable('sessions').set({ expires_at: sql`now()` }).where('id', '=', session).execute()
    expect((await refresh(token)).json().error).toBe('session_over')
    expect(await canEnter(headers)).toBe(401)
  })

  it('is not used up while the account is suspended, but its reuse is noticed', async () => {
    const { account, session, refresh: first } = await makeSession(ctx, app)
    const suspend = (suspended_at: string | null) =>
      ctx.db.updateTable('users').set({ suspended_at }).where('id', '=', account.id).execute()
    await suspend('2026-01-01T00:00:00Z')
    for (const _twice of [1, 2]) expect((await refresh(first)).json().error).toBe('account_suspended')
    await passGrace(session)
    await suspend(null)
    const second = await next(first)
    expect(second).toMatch(/^[\w-]{43}$/)
    await passGrace(session)
    await suspend('2026-01-01T00:00:00Z')
    expect((await refresh(first)).json().error).toBe('token_reused')
    expect((await refresh(second)).json().error).toBe('session_over')
  })

  it('needs no body where there is none to send', async () => {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/auth/refresh' })
    expect([answer.statusCode, answer.json().error]).toEqual([401, 'unauthorized'])
  })
})

describe('a refresh token in a cookie', () => {
  const origin = 'https://lemonnpie.example'
  let web: App
  beforeAll(async () => {
    const config = { ...ctx.config, WEB_ORIGINS: origin, PUBLIC_URL: 'https://api.lemonnpie.example' }
    web = await testApp({ ...ctx, config })
  })
  const logIn = async (on: App, more: object = {}) =>
    on.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      payload: { email: (await makeAccount(ctx.db)).email, password: 'Suya on Sundays 2026', cookie: true },
      ...more,
    })
  const send = (on: App, path: string, cookies: Record<string, string>, headers: Record<string, string> = { origin }) =>
    on.inject({ method: 'POST', url: `/api/v1/auth/${path}`, cookies, headers })

  it('is set where a page asks for it, and only there', async () => {
    const answer = await logIn(web)
    expect(answer.json().refresh_token).toBeNull()
    expect(answer.cookies).toEqual([
      {
        name: '__Secure-lemonnpie_refresh',
        value: expect.stringMatching(/^[\w-]{43}$/),
        maxAge: 30 * 24 * 60 * 60,
        path: '/api/v1/auth',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
      },
    ])
    const registered = await web.inject({
      method: 'POST',
      url: '/api/v1/auth/register',
      payload: {
        email: `cookie.${Date.now()}@example.com`,
        password: 'Ofada at Iya Basira',
        name: 'Bisi',
        cookie: true,
      },
    })
    expect([registered.json().refresh_token, registered.cookies.length]).toEqual([null, 1])
    const plain = await logIn(app)
    expect(plain.cookies[0]).toMatchObject({ name: 'lemonnpie_refresh' })
    expect(plain.cookies[0]).not.toHaveProperty('secure')
  })

  it('brings the next one into the cookie, from the pages of ours alone', async () => {
    const { value } = (await logIn(web)).cookies[0]!
    const cookies = { '__Secure-lemonnpie_refresh': value }
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }] as Record<string, string>[]) {
      const refused = await send(web, 'refresh', cookies, headers)
      expect([refused.statusCode, refused.json().error], headers.origin).toEqual([403, 'forbidden'])
      expect((await send(web, 'logout', cookies, headers)).statusCode).toBe(403)
    }
    const answer = await send(web, 'refresh', cookies)
    expect(answer.statusCode, answer.body).toBe(200)
    expect(answer.json().refresh_token).toBeNull()
    expect(answer.cookies[0]!.value).not.toBe(value)
    const own = await send(
      web,
      'refresh',
      { '__Secure-lemonnpie_refresh': answer.cookies[0]!.value },
      {
        origin: 'https://api.lemonnpie.example',
      },
    )
    expect(own.statusCode).toBe(200)
    const sameHost = await send(
      app,
      'refresh',
      { lemonnpie_refresh: own.cookies[0]!.value },
      {
        origin: 'http://lagos.example:3000',
        host: 'lagos.example:3000',
      },
    )
    expect(sameHost.statusCode, sameHost.body).toBe(200)
  })

  it('signs out, and goes', async () => {
    const answer = await logIn(web)
    const cookies = { '__Secure-lemonnpie_refresh': answer.cookies[0]!.value }
    const out = await send(web, 'logout', cookies)
    expect(out.statusCode, out.body).toBe(204)
    expect(out.cookies[0]).toMatchObject({ name: '__Secure-lemonnpie_refresh', value: '', path: '/api/v1/auth' })
    expect(await canEnter(bearer(answer.json().access_token))).toBe(401)
    expect((await send(web, 'refresh', cookies)).json().error).toBe('session_over')
    expect((await send(web, 'refresh', { '__Secure-lemonnpie_refresh': '' })).statusCode).toBe(401)
  })
})
