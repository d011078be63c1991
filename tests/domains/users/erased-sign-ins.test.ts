import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { lockoutKey } from '../../../src/domains/users/lockout.service.ts'
import type { App } from '../../../src/http/app-type.ts'
import { recordAudit } from '../../../src/infra/audit.ts'
import type { NewJob } from '../../../src/infra/queues.ts'
import { inTx } from '../../../src/infra/tx.ts'
import { relayBatch } from '../../../src/worker/relay.ts'
import { runJob } from '../../../src/worker/run-job.ts'
import { subscribers } from '../../../src/worker/subscribers.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { sentMails } from '../../support/mail.ts'
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
      { action: 'password.reset_requested', by_yourself: false, address: null },
      { action: 'user.warned', by_yourself: false, address: null, user_agent: null },
    ])
    expect(JSON.stringify(audit_entries)).not.toContain(moderator.id)
  })

  it('has what was tried with its address before there was an account, for who has shown that it is theirs', async () => {
    const email = `later-${randomUUID()}@example.com`
    expect((await post('login', { email, password: 'a guess' })).statusCode).toBe(401)
    expect((await post('forgot-password', { email })).statusCode).toBe(202)
    const user = await makeUser(ctx.db, { email, is_verified: false })
    const { access } = await tokensOf(ctx, app, user)
    const actions = async () => (await exported(access)).audit_entries.map(({ action }: { action: string }) => action)
    expect(await actions()).toEqual(['session.started'])
    await ctx.db.updateTable('users').set({ is_verified: true }).where('id', '=', user.id).execute()
    expect(await actions()).toEqual(['login.failed', 'password.reset_requested', 'session.started'])
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

  it('leaves its address nowhere in the database, however it was spelt, nor a hash that leads to it', async () => {
    const personal = `ada${randomUUID()}`.replaceAll('-', '')
    const user = await makeUser(ctx.db, { email: `${personal}@gmail.com` })
    const { access } = await tokensOf(ctx, app, user)
    const hash = lockoutKey(ctx, user.email_key).toString('hex')
    const spellings = [`${personal.toUpperCase()}@GMAIL.com`, `ada.${personal.slice(3)}+films@googlemail.com`]
    for (const email of spellings) {
      expect((await post('login', { email, password: 'a wrong guess' })).statusCode).toBe(401)
      expect((await post('forgot-password', { email })).statusCode).toBe(202)
    }
    await erase(access)
    const { rows: tables } = await sql<{ name: string }>`
      select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
      where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`.execute(ctx.db)
    expect(tables.length).toBeGreaterThan(20)
    for (const { name } of tables) {
      const found = await sql`select from ${sql.raw(name)} t
        where strpos(replace(lower(t::text), '.', ''), ${personal}) > 0 or strpos(t::text, ${hash}) > 0`.execute(ctx.db)
      expect(found.rows, name).toEqual([])
    }
  })

  it('leaves its address in no job, waiting or dead, whichever keeps the jobs', async () => {
    const user = await makeUser(ctx.db)
    const { access } = await tokensOf(ctx, app, user)
    await post('forgot-password', { email: user.email.toUpperCase() })
    const jobs: unknown[] = []
    await relayBatch(ctx, subscribers, async (_queue, added) => void jobs.push(...added))
    expect(jobs).toContainEqual(
      expect.objectContaining({
        name: 'mail-reset',
        data: expect.objectContaining({ payload: { user_id: user.id } }),
      }),
    )
    expect(JSON.stringify(jobs).toLowerCase()).not.toContain(user.email)
    await erase(access)
    for (const job of jobs as NewJob[]) await runJob(ctx, subscribers, job)
    expect((await sentMails(ctx)).filter(({ to }) => to.toLowerCase() === user.email)).toEqual([])
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
      'password.reset_requested',
      'user.erasure_failed',
      'user.erased',
    ])
    expect(entries.filter(({ address, user_agent }) => address !== null || user_agent !== null)).toEqual([])
    expect(entries.map(({ details }) => details).filter((details) => 'address_hash' in (details as object))).toEqual([])
  })

  it('forgets from where its address was tried before it had an account, and not what was tried with others', async () => {
    const [email, other] = [`later-${randomUUID()}@example.com`, `other-${randomUUID()}@example.com`]
    for (const one of [email, other]) await post('login', { email: one, password: 'a guess' })
    const [hash, otherHash] = [email, other].map((one) => lockoutKey(ctx, one).toString('hex'))
    const from = (addressHash: string) =>
      ctx.db
        .selectFrom('audit_log')
        .select(['action', 'address'])
        .where(sql`details ->> 'address_hash'`, '=', addressHash)
        .execute()
    expect(await from(hash!)).toEqual([{ action: 'login.failed', address: '127.0.0.1' }])
    const { access } = await tokensOf(ctx, app, await makeUser(ctx.db, { email }))
    expect((await erase(access)).statusCode).toBe(204)
    expect(await from(hash!)).toEqual([])
    expect(await from(otherHash!)).toEqual([{ action: 'login.failed', address: '127.0.0.1' }])
  })

  it('lets its address open another account, which nothing of the former is held against', async () => {
    const { user, access } = await somebody()
    for (let index = 0; index < 4; index += 1) await post('login', { email: user.email, password: 'a wrong guess' })
    const locked = await erase(access)
    expect([locked.statusCode, locked.json().error]).toEqual([423, 'account_locked'])
    await ctx.db
      .updateTable('login_failures')
      .set({ locked_until: sql`now() - interval '1 second'` })
      .where('email_hash', '=', lockoutKey(ctx, user.email_key))
      .execute()
    for (let index = 0; index < 4; index += 1) await post('login', { email: user.email, password: 'a wrong guess' })
    expect((await erase(access)).statusCode).toBe(204)
    const again = await post('register', { email: user.email, password: 'Suya on Sundays 2026', name: 'Ada' })
    expect(again.statusCode, again.body).toBe(201)
    expect(again.json().user.id).not.toBe(user.id)
    for (let index = 0; index < 4; index += 1) await post('login', { email: user.email, password: 'a wrong guess' })
    const signedIn = await post('login', { email: user.email, password: 'Suya on Sundays 2026' })
    expect(signedIn.statusCode).toBe(200)
  })
})
