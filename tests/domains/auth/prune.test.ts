import { sql } from 'kysely'
import { beforeAll, expect, it } from 'vitest'
import { pruneSignIns } from '../../../src/domains/auth/prune.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import { openLog } from '../../../src/infra/logger.ts'
import { makeAccount, makeSession } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

let ctx: TestContext
let app: App
const lines: Array<{ msg?: string; removed?: unknown }> = []
beforeAll(async () => {
  ctx = await testContext({
    log: openLog({ LOG_LEVEL: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) }),
  })
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

const told = () =>
  lines.filter(({ msg }) => msg === 'removed what signing in needs no longer').map(({ removed }) => removed)

it('removes what is past its use, in batches, and nothing else', async () => {
  const { account, session, headers, refresh } = await makeSession(ctx, app)
  await app.inject({ method: 'POST', url: '/api/v1/auth/refresh', payload: { refresh_token: refresh } })
  await pruneSignIns(ctx)
  expect(told()).toEqual([])

  const days = (count: number) => sql<string>`now() - make_interval(days => ${count})`
  for (let more = 0; more < 5; more += 1) {
    const ended = await makeSession(ctx, app, account)
    await ctx.db
      .updateTable('sessions')
      .set({ ended_at: days(31), end_reason: 'logged_out' })
      .where('id', '=', ended.session)
      .execute()
  }
  const expired = await makeSession(ctx, app, account)
  await ctx.db
    .updateTable('sessions')
    .set({ expires_at: days(0) })
    .where('id', '=', expired.session)
    .execute()
  const recent = await makeSession(ctx, app, account)
  await ctx.db
    .updateTable('sessions')
    .set({ ended_at: days(29), end_reason: 'logged_out' })
    .where('id', '=', recent.session)
    .execute()
  await ctx.db
    .updateTable('refresh_tokens')
    .set({ created_at: days(31) })
    .where('session_id', '=', session)
    .execute()
  await sql`insert into mail_tokens (token_hash, purpose, user_id, created_at, expires_at)
    select sha256(d::text::bytea), 'reset_password', ${account.id}, ${days(9)}, now() - make_interval(days => d)
    from unnest(array[0, 2]) d`.execute(ctx.db)
  await sql`insert into login_failures (email_hash, last_failed_at)
    select sha256(d::text::bytea), now() - make_interval(days => d) from unnest(array[0, 2]) d`.execute(ctx.db)
  const other = await makeAccount(ctx.db)
  await sql`insert into known_devices (user_id, device_hash, last_seen_at)
    select ${other.id}, sha256(d::text::bytea), now() - make_interval(days => d) from unnest(array[300, 400]) d`.execute(
    ctx.db,
  )
  await sql`insert into audit_log (action, at) values ('session.started', now() - interval '3 years')`.execute(ctx.db)

  await pruneSignIns(ctx, 2)
  expect(told()).toEqual([
    {
      refresh_tokens: 1,
      ended_sessions: 5,
      expired_sessions: 1,
      mail_tokens: 1,
      login_failures: 1,
      known_devices: 1,
      audit_log: 1,
    },
  ])
  const sessions = await ctx.db
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', account.id)
    .orderBy('id')
    .execute()
  expect(sessions.map(({ id }) => id)).toEqual([session, recent.session])
  expect((await app.inject({ url: '/api/v1/auth/sessions', headers })).statusCode).toBe(200)
})
