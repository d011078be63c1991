// The writer of the live bench, in a process of its own: tells accounts something at a steady rate, as subscribers do.
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { loadConfig, processEnvironment } from '../src/config.ts'
import { openContext } from '../src/context.ts'
import { announce } from '../src/infra/live-signal.ts'
import { inTx } from '../src/infra/tx.ts'
import { clock } from './clock.ts'

export interface WriteOrder {
  /** Accounts in turns. */
  readonly users: readonly string[]
  readonly perSecond: number
  readonly seconds: number
  /** Notify this channel with account and position, for the bare comparison, instead of what the product does. */
  readonly bare: string | null
}

/** When a position was committed. */
export type Commit = readonly [client: number, position: number, at: number]

const ctx = await openContext(loadConfig(processEnvironment()), 'lemonnpie-bench')

/** One notification: the counter, then the row, in one transaction. */
async function write({ users, bare }: WriteOrder, client: number): Promise<Commit> {
  const userId = users[client]!
  let at = 0
  let position = 0
  await inTx(ctx, async (tx) => {
    const { rows } = await sql<{ position: number }>`/* benchNotification */
      with counted as (
        insert into notification_counters as c (user_id, last_position, unread_count) values (${userId}::uuid, 1, 1)
        on conflict (user_id) do update set last_position = c.last_position + 1, unread_count = c.unread_count + 1
        returning user_id, last_position
      )
      insert into notifications (user_id, type, position, data)
      select user_id, 'system', last_position, '{"notice": "warning", "reason": "Please keep to the film."}' from counted
      returning position`.execute(tx.db)
    position = rows[0]!.position
    tx.afterCommit(async () => {
      at = clock()
    })
    if (bare === null) announce(tx, [userId])
    else tx.afterCommit(async () => void (await ctx.pubsub.publish(bare, `${userId} ${position}`)))
  })
  return [client, position, at]
}

async function writeAll(order: WriteOrder): Promise<Commit[]> {
  const commits: Promise<Commit>[] = []
  const begun = performance.now()
  for (let n = 0; n < order.perSecond * order.seconds; n += 1) {
    const early = begun + (n * 1_000) / order.perSecond - performance.now()
    if (early > 1) await wait(early)
    commits.push(write(order, n % order.users.length))
  }
  return Promise.all(commits)
}

process.on('message', async (order: WriteOrder) => {
  const begun = performance.now()
  const commits = await writeAll(order)
  process.send?.({ commits, seconds: (performance.now() - begun) / 1_000 })
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
