import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { publish } from '../../../src/infra/outbox.ts'
import { inTx } from '../../../src/infra/tx.ts'
import { type DeliveryContext, deliveryContext, until } from '../../support/delivery.ts'
import { makeAuthor, makeReview } from '../../support/review-factory.ts'

const followers = 3_500

let ctx: DeliveryContext
const workers: ChildProcess[] = []
beforeAll(async () => {
  ctx = await deliveryContext()
  return async () => {
    for (const worker of workers) await kill(worker)
    await ctx[Symbol.asyncDispose]()
  }
})

function startWorker(): ChildProcess {
  const script = fileURLToPath(new URL('../../support/fan-out-worker.ts', import.meta.url))
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', NODE_ENV: 'test', LOG_LEVEL: 'silent', ...ctx.environment }
  const worker = spawn(process.execPath, [script], { env, stdio: 'inherit' })
  workers.push(worker)
  return worker
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const ended = once(worker, 'exit')
  worker.kill('SIGKILL')
  await ended
}

/** Thousands who follow an author, each since another moment. @returns one of the third batch */
async function follow(authorId: string): Promise<string> {
  await sql`
    with people as (
      insert into users (email, email_key, password_hash, name, is_verified, created_at)
      select e, e, repeat('x', 60), 'Follower', true, '2025-01-01'
      from (select 'follower-' || n || '@lemonnpie.test' as e from generate_series(1, ${followers}::integer) n)
      returning id
    )
    insert into follows (follower_id, followee_id, created_at)
    select id, ${authorId}::uuid, now() - make_interval(secs => row_number() over (order by id)) from people`.execute(
    ctx.db,
  )
  const { rows } = await sql<{ id: string }>`
    select follower_id as id from follows where followee_id = ${authorId} order by created_at desc, follower_id desc
    offset 2500 limit 1`.execute(ctx.db)
  return rows[0]!.id
}

describe('a worker that is killed', () => {
  it('while it tells thousands leaves nobody out and tells nobody twice', async () => {
    const author = await makeAuthor(ctx.db, { name: 'Ada' })
    const third = await follow(author.id)
    const { id: review_id, movie_id } = await makeReview(ctx.db, { user_id: author.id })
    const told = async () =>
      (
        await sql<{
          told: number
        }>`select count(*)::integer as told from notifications where review_id = ${review_id}`.execute(ctx.db)
      ).rows[0]!.told
    await sql`insert into notification_counters (user_id) values (${third})`.execute(ctx.db)

    // It cannot get over the third batch, so that it is in the middle of it all however fast it is.
    await ctx.db.transaction().execute(async (db) => {
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(db)
      await sql`select from notification_counters where user_id = ${third} for update`.execute(db)
      const worker = startWorker()
      await inTx(ctx, (tx) => publish(tx, 'review.published', { review_id, movie_id, author_id: author.id }))
      await until(async () => (await told()) === 2_000)
      await kill(worker)
    })
    expect(await told()).toBe(2_000)

    startWorker()
    const state = async () =>
      (
        await sql<{ is_complete: boolean }>`
          select completed_at is not null as is_complete from notification_fan_outs where subject_id = ${review_id}`.execute(
          ctx.db,
        )
      ).rows[0]
    await until(async () => (await state())?.is_complete === true)
    const { rows } = await sql`
      select count(*)::integer as accounts, min(times)::integer as fewest, max(times)::integer as most,
        min(unread)::integer as least_unread, max(unread)::integer as most_unread
      from (
        select f.follower_id, count(n.id) as times, min(c.unread_count) as unread
        from follows f
        left join notifications n on n.user_id = f.follower_id and n.review_id = ${review_id}
        left join notification_counters c on c.user_id = f.follower_id
        where f.followee_id = ${author.id}
        group by f.follower_id
      ) each`.execute(ctx.db)
    expect(rows).toEqual([{ accounts: followers, fewest: 1, most: 1, least_unread: 1, most_unread: 1 }])
    // And it stays so when whatever was left over of the first is done as well.
    await until(async () => {
      const { rows: open } = await sql`
        select from outbox_events e where e.name = 'review.published'
          and not exists (select from handled_events h where h.event_id = e.event_id and h.consumer = 'notify-followers')`.execute(
        ctx.db,
      )
      return open.length === 0
    })
    expect(await told()).toBe(followers)
  }, 180_000)
})
