import { sql } from 'kysely'
import { withMigratedDatabase } from '../scripts/migrated-database.ts'
import { loadConfig } from '../src/config.ts'
import { openContext } from '../src/context.ts'
import { beginFanOut, fanOutBatch, goOn } from '../src/domains/notifications/fan-out.service.ts'
import { inTx } from '../src/infra/tx.ts'

/** Tells 100,000 followers of a review, beside one bare INSERT … SELECT of the same rows. npm run bench:notifications */
const followers = 100_000

await withMigratedDatabase(async (url) => {
  const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: url, LOG_LEVEL: 'silent' })
  await using ctx = await openContext(config, 'lemonnpie-bench')
  const { db } = ctx
  await db.transaction().execute(async (tx) => {
    await sql`set local statement_timeout = 0`.execute(tx)
    await sql`set local lemonnpie.social = 'deferred'`.execute(tx)
    await sql`insert into users (email, email_key, password_hash, name)
      select n || '@bench.test', n || '@bench.test', repeat('x', 60), 'Reader ' || n from generate_series(0, ${followers}::int) n`.execute(
      tx,
    )
    await sql`insert into follows (follower_id, followee_id)
      select f.id, a.id from users f, users a where a.email = '0@bench.test' and f.id <> a.id`.execute(tx)
    await sql`insert into movies (type, slug, title, release_precision) values ('movie', 'bench', 'Bench', 'unknown')`.execute(
      tx,
    )
    await sql`insert into reviews (user_id, movie_id, lemon_pie_rating, review_text, review_language)
      select u.id, m.id, 8, 'A film that nobody will forget.', 'en' from users u, movies m where u.email = '0@bench.test' and m.slug = 'bench'`.execute(
      tx,
    )
  })
  await sql`vacuum analyze`.execute(db)
  const { rows } = await sql<{ id: string }>`select id from reviews`.execute(db)
  const fanOut = { kind: 'review', subject_id: rows[0]!.id } as const

  for (const run of [1, 2, 3]) {
    await sql`truncate notifications, notification_counters, notification_fan_outs cascade`.execute(db)
    await sql`create table if not exists bare_notifications (like notifications including all)`.execute(db)
    await sql`truncate bare_notifications`.execute(db)
    let longest = 0
    let transactions = 0
    const transaction = db.transaction.bind(db)
    const timed = new Proxy(db, {
      get: (target, property) => {
        if (property !== 'transaction') return Reflect.get(target, property, target)
        return () => ({
          execute: async (work: Parameters<ReturnType<typeof transaction>['execute']>[0]) => {
            const begun = performance.now()
            const result = await transaction().execute(work)
            longest = Math.max(longest, performance.now() - begun)
            transactions += 1
            return result
          },
        })
      },
    })
    const begun = performance.now()
    await inTx(ctx, (tx) => beginFanOut(tx, fanOut))
    await goOn({ ...ctx, db: timed }, fanOut)
    const ours = performance.now() - begun
    const { rows: told } = await sql<{ told: number }>`select count(*)::int as told from notifications`.execute(db)
    const bareBegun = performance.now()
    await db.transaction().execute(async (tx) => {
      await sql`set local statement_timeout = 0`.execute(tx)
      await sql`insert into bare_notifications select * from notifications`.execute(tx)
    })
    const bare = performance.now() - bareBegun
    console.log(
      `run ${run}: ${told[0]!.told} told in ${(ours / 1000).toFixed(2)} s (${Math.round(followers / (ours / 1000))}/s), ` +
        `${transactions} transactions of ${fanOutBatch}, the longest ${longest.toFixed(0)} ms; ` +
        `one bare INSERT … SELECT ${(bare / 1000).toFixed(2)} s (${Math.round(followers / (bare / 1000))}/s)`,
    )
  }
})
