import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { recordAudit } from '../../../src/infra/audit.ts'
import { publish } from '../../../src/infra/outbox.ts'
import { inTx } from '../../../src/infra/tx.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeUser, userPassword as password, tokensOf } from '../../support/user-factory.ts'

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const post = (path: string, payload: object) => app.inject({ method: 'POST', url: `/api/v1/auth/${path}`, payload })
const erase = (token: string, payload: object = { password }) =>
  app.inject({ method: 'DELETE', url: '/api/v1/users/profile', headers: bearer(token), payload })
const exported = async (token: string) =>
  (await app.inject({ url: '/api/v1/users/profile/export', headers: bearer(token) })).json()
const auditOf = (id: string) =>
  ctx.db
    .selectFrom('audit_log')
    .selectAll()
    .where((where) => where.or([where('actor_id', '=', id), where('target_id', '=', id)]))
    .orderBy('id')
    .execute()

/** An account that has done all that leaves a trace: signed in, failed to, asked for a link. */
async function somebody() {
  const user = await makeUser(ctx.db)
  const { access, refresh, session } = await tokensOf(ctx, app, user)
  expect((await post('login', { email: user.email, password: 'a wrong guess' })).statusCode).toBe(401)
  expect((await post('forgot-password', { email: user.email.toUpperCase() })).statusCode).toBe(202)
  return { user, access, refresh, session }
}

describe('an export', () => {
  it('has where one signed in, and what one did', async () => {
    const { user, access, session } = await somebody()
    const moderator = await makeUser(ctx.db, { role: 'moderator' })
    await inTx(ctx, (tx) =>
      recordAudit(
        { ...tx, client: { address: '203.0.113.77', userAgent: 'the moderator’s' } },
        { action: 'user.warned', actorId: moderator.id, targetId: user.id },
      ),
    )
    const { sessions, audit_entries } = await exported(access)
    expect(sessions).toEqual([
      expect.objectContaining({ id: session, address: '102.89.23.10', user_agent: 'a test', ended_at: null }),
    ])
    expect(audit_entries).toMatchObject([
      { action: 'session.started', by_yourself: true, address: '102.89.23.10', user_agent: 'a test' },
      { action: 'login.failed', by_yourself: false, address: null },
      { action: 'user.warned', by_yourself: false, address: null, user_agent: null },
    ])
    expect(JSON.stringify(audit_entries)).not.toContain(moderator.id)
  })

  it('has all of a long history, and of the one’s own alone', async () => {
    const [user, other] = [await makeUser(ctx.db), await makeUser(ctx.db)]
    const { access } = await tokensOf(ctx, app, user)
    await sql`insert into audit_log (action, actor_id, target_id)
      select 'thing.done', case when n % 3 > 0 then ${user.id}::uuid end, case when n % 3 < 2 then ${user.id}::uuid end
      from generate_series(1, 1300) n`.execute(ctx.db)
    await sql`insert into audit_log (action, actor_id) select 'thing.done', ${other.id}::uuid
      from generate_series(1, 10) n`.execute(ctx.db)
    await sql`insert into sessions (user_id, expires_at) select ${user.id}::uuid, now()
      from generate_series(1, 700) n`.execute(ctx.db)
    const { sessions, audit_entries } = await exported(access)
    expect(sessions).toHaveLength(701)
    expect(audit_entries).toHaveLength(1_301)
    expect(new Set(audit_entries.map(({ id }: { id: string }) => id)).size).toBe(1_301)
  })
})

describe('erasing an account', () => {
  it('ends its sessions and tokens at once', async () => {
    const { user, access, refresh } = await somebody()
    expect((await erase(access)).statusCode).toBe(204)
    expect((await exported(access)).error).toBe('unauthorized')
    expect((await post('refresh', { refresh_token: refresh })).statusCode).toBe(401)
    const answer = await post('login', { email: user.email, password })
    expect([answer.statusCode, answer.json().error]).toEqual([401, 'wrong_credentials'])
    for (const table of ['sessions', 'known_devices', 'mail_tokens'] as const) {
      const rows = await ctx.db.selectFrom(table).select('user_id').where('user_id', '=', user.id).execute()
      expect(rows, table).toEqual([])
    }
  })

  it('leaves its address nowhere in the database, but for whom it asks to be told', async () => {
    const { user, access } = await somebody()
    const stranger = await makeUser(ctx.db)
    await inTx(ctx, (tx) => publish(tx, 'password.reset_requested', { email: stranger.email }))
    await erase(access)
    const { rows: tables } = await sql<{ name: string }>`
      select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
      where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`.execute(ctx.db)
    expect(tables.length).toBeGreaterThan(20)
    for (const { name } of tables) {
      const found = await sql`select from ${sql.raw(name)} t where strpos(lower(t::text), ${user.email}) > 0`.execute(
        ctx.db,
      )
      expect(found.rows, name).toEqual([])
    }
    const kept = await ctx.db
      .selectFrom('outbox_events')
      .select('name')
      .where(sql`payload ->> 'email'`, '=', stranger.email)
      .execute()
    expect(kept).toEqual([{ name: 'password.reset_requested' }])
  })

  it('leaves in the audit log what was done, and not from where', async () => {
    const { user, access } = await somebody()
    await erase(access, { password: 'wrong' })
    expect((await auditOf(user.id)).at(-1)).toMatchObject({ action: 'user.erasure_failed', address: '127.0.0.1' })
    await erase(access)
    const entries = await auditOf(user.id)
    expect(entries.map(({ action }) => action)).toEqual([
      'session.started',
      'login.failed',
      'user.erasure_failed',
      'user.erased',
    ])
    expect(entries.filter(({ address, user_agent }) => address !== null || user_agent !== null)).toEqual([])
  })

  it('lets its address open another account, which nothing of the former is held against', async () => {
    const { user, access } = await somebody()
    for (let index = 0; index < 5; index += 1) await post('login', { email: user.email, password: 'a wrong guess' })
    expect((await post('login', { email: user.email, password })).statusCode).toBe(423)
    await erase(access)
    const again = await post('register', { email: user.email, password: 'Suya on Sundays 2026', name: 'Ada' })
    expect(again.statusCode, again.body).toBe(201)
    expect(again.json().user.id).not.toBe(user.id)
    const signedIn = await post('login', { email: user.email, password: 'Suya on Sundays 2026' })
    expect(signedIn.statusCode).toBe(200)
  })
})
