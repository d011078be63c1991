import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { emailNotVerified } from '../../../src/http/access.ts'
import type { App } from '../../../src/http/app-type.ts'
import { Type } from '../../../src/lib/typebox.ts'
import { auditOf, bearer, makeAccount, makeSession } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

const routes = (on: App): void => {
  const response = { 200: Type.Object({ role: Type.Union([Type.String(), Type.Null()]) }) }
  for (const access of ['public', 'user', 'verified', 'critic', 'admin'] as const) {
    const schema = { operationId: `probe${access}`, response }
    on.get(`/probe/${access}`, { config: { access }, schema }, async ({ actor }) => ({ role: actor?.role ?? null }))
  }
}

let ctx: TestContext
let app: App
/** Another process over the same database, which shares nothing else. */
let other: App
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { routes })
  const elsewhere = await testContext({ env: { DATABASE_URL: ctx.config.DATABASE_URL } })
  ctx.beforeClosing(async () => elsewhere[Symbol.asyncDispose]())
  other = await testApp(elsewhere, { routes })
  return () => ctx[Symbol.asyncDispose]()
})

type Headers = { authorization: string }
const probe = async (access: string, headers: Headers) => {
  const answers = [
    await app.inject({ url: `/probe/${access}`, headers }),
    await other.inject({ url: `/probe/${access}`, headers }),
  ]
  expect(answers[0]!.statusCode).toBe(answers[1]!.statusCode)
  return answers[0]!
}
const statusOf = async (access: string, headers: Headers) => (await probe(access, headers)).statusCode
const logOut = (headers: Headers, query = '') =>
  app.inject({ method: 'POST', url: `/api/v1/auth/logout${query}`, headers })
const list = async (headers: Headers, query = '') =>
  (await app.inject({ url: `/api/v1/auth/sessions${query}`, headers })).json()
const end = (headers: Headers, id: string) =>
  app.inject({ method: 'DELETE', url: `/api/v1/auth/sessions/${id}`, headers })

describe('from the next request on, in every process', () => {
  it('a session that was signed out is worth nothing', async () => {
    const { account, headers } = await makeSession(ctx, app)
    const still = await makeSession(ctx, app, account)
    expect(await statusOf('user', headers)).toBe(200)
    expect((await logOut(headers)).statusCode).toBe(204)
    const answer = await probe('public', headers)
    expect([answer.statusCode, answer.json().error]).toEqual([401, 'unauthorized'])
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="lemonnpie", error="invalid_token"')
    expect(await statusOf('user', still.headers)).toBe(200)
    expect(await auditOf(ctx.db, account.id)).toEqual(['session.started', 'session.started', 'session.ended'])
  })

  it('signing out everywhere ends all sessions, and nobody else’s', async () => {
    const { account, headers } = await makeSession(ctx, app)
    const second = await makeSession(ctx, app, account)
    const stranger = await makeSession(ctx, app)
    expect((await logOut(headers, '?everywhere=true')).statusCode).toBe(204)
    expect(await statusOf('user', headers)).toBe(401)
    expect(await statusOf('user', second.headers)).toBe(401)
    expect(await statusOf('user', stranger.headers)).toBe(200)
  })

  it('a suspended account is refused, and told until when', async () => {
    const { account, headers } = await makeSession(ctx, app)
    const set = (values: object) => ctx.db.updateTable('users').set(values).where('id', '=', account.id).execute()
    await set({ suspended_at: sql`now()`, suspended_until: '2099-01-01T00:00:00Z' })
    const answer = await probe('public', headers)
    expect([answer.statusCode, answer.json().error]).toEqual([403, 'account_suspended'])
    expect(answer.json().details).toEqual([{ field: 'suspended_until', message: '2099-01-01T00:00:00Z' }])
    await set({ suspended_at: '2020-01-01T00:00:00Z', suspended_until: '2020-01-02T00:00:00Z' })
    expect(await statusOf('user', headers)).toBe(200)
  })

  it('a role and a verified address are those of the database, not of the token', async () => {
    const { account, headers } = await makeSession(ctx, app, await makeAccount(ctx.db, { is_verified: false }))
    const set = (values: object) => ctx.db.updateTable('users').set(values).where('id', '=', account.id).execute()
    expect((await probe('verified', headers)).json().error).toBe(emailNotVerified().code)
    await set({ is_verified: true, role: 'admin' })
    expect((await probe('verified', headers)).json()).toEqual({ role: 'admin' })
    expect(await statusOf('admin', headers)).toBe(200)
    await set({ role: 'user' })
    expect(await statusOf('critic', headers)).toBe(403)
  })

  it('an account that is gone is nobody', async () => {
    const { account, headers } = await makeSession(ctx, app)
    await ctx.db.deleteFrom('users').where('id', '=', account.id).execute()
    expect(await statusOf('user', headers)).toBe(401)
  })
})

describe('sessions', () => {
  it('are listed by device, the last used first, page by page', async () => {
    const { account, session, headers } = await makeSession(ctx, app)
    const ids = [session]
    for (let more = 0; more < 2; more += 1) ids.unshift((await makeSession(ctx, app, account)).session)
    await makeSession(ctx, app)
    const ended = await makeSession(ctx, app, account)
    await logOut(ended.headers)
    const expired = await makeSession(ctx, app, account)
    await ctx.db.updateTable('sessions').set({ expires_at: sql`now()` }).where('id', '=', expired.session).execute()
    const all = await list(headers, '?include_total=true')
    expect(all.data.map(({ id }: { id: string }) => id)).toEqual(ids)
    expect(all.page).toEqual({ limit: 20, next_cursor: null, total: 3 })
    expect(all.data[2]).toEqual({
      id: session,
      user_agent: 'a test',
      address: '102.89.23.10',
      created_at: expect.stringMatching(/Z$/),
      last_used_at: expect.stringMatching(/Z$/),
      is_current: true,
    })
    expect(all.data[0].is_current).toBe(false)
    const first = await list(headers, '?limit=2')
    expect(first.data).toHaveLength(2)
    const second = await list(headers, `?limit=2&cursor=${first.page.next_cursor}`)
    expect(second.data.map(({ id }: { id: string }) => id)).toEqual([session])
    const stranger = await makeSession(ctx, app)
    expect((await list(stranger.headers, `?cursor=${first.page.next_cursor}`)).error).toBe('validation_error')
  })

  it('are ended one by one, by their owner alone', async () => {
    const { account, headers } = await makeSession(ctx, app)
    const second = await makeSession(ctx, app, account)
    const stranger = await makeSession(ctx, app)
    for (const id of [stranger.session, randomUUID()]) {
      const answer = await end(headers, id)
      expect([answer.statusCode, answer.json().error]).toEqual([404, 'not_found'])
    }
    expect(await statusOf('user', stranger.headers)).toBe(200)
    expect((await end(headers, 'x')).statusCode).toBe(422)
    expect((await end(headers, second.session)).statusCode).toBe(204)
    expect(await statusOf('user', second.headers)).toBe(401)
    expect((await end(headers, second.session)).statusCode).toBe(404)
  })

  it('cannot be seen, ended or left by nobody', async () => {
    expect((await app.inject('/api/v1/auth/sessions')).statusCode).toBe(401)
    expect((await app.inject({ method: 'DELETE', url: `/api/v1/auth/sessions/${randomUUID()}` })).statusCode).toBe(401)
    for (const payload of [{}, { refresh_token: 'x' }]) {
      const answer = await app.inject({ method: 'POST', url: '/api/v1/auth/logout', payload })
      expect([answer.statusCode, answer.json().error]).toEqual([401, 'unauthorized'])
    }
  })

  it('are left by a refresh token too, also everywhere', async () => {
    const { account, refresh, headers } = await makeSession(ctx, app)
    const second = await makeSession(ctx, app, account)
    const leave = (refresh_token: string, query = '') =>
      app.inject({ method: 'POST', url: `/api/v1/auth/logout${query}`, payload: { refresh_token } })
    expect((await leave(refresh)).statusCode).toBe(204)
    expect(await statusOf('user', headers)).toBe(401)
    expect(await statusOf('user', second.headers)).toBe(200)
    const third = await makeSession(ctx, app, account)
    expect((await leave(second.refresh, '?everywhere=true')).statusCode).toBe(204)
    expect(await statusOf('user', third.headers)).toBe(401)
    expect((await leave(second.refresh)).statusCode).toBe(401)
  })

  it('may lack all that is known of a device', async () => {
    const { account, headers } = await makeSession(ctx, app)
    await ctx.db
      .updateTable('sessions')
      .set({ user_agent: null, address: null })
      .where('user_id', '=', account.id)
      .execute()
    expect((await list(headers)).data[0]).toMatchObject({ user_agent: null, address: null })
    expect(bearer('x')).toEqual({ authorization: 'Bearer x' })
  })
})
