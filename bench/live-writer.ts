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

/** Notifications of so many accounts are one transaction, as those of a fan-out are. */
const together = 10

/** Transactions at once, which is what the pool has places for: what is more waits, and the rate that is told is less. */
const atOnce = 8

/** The counters, then the rows, in one transaction. */
async function write({ users, bare }: WriteOrder, clients: readonly number[]): Promise<Commit[]> {
  const ids = clients.map((client) => users[client]!)
  let at = 0
  const positions = new Map<string, number>()
  await inTx(ctx, async (tx) => {
    const { rows } = await sql<{ user_id: string; position: number }>`/* benchNotifications */
      with counted as (
        insert into notification_counters as c (user_id, last_position, unread_count)
        select u, 1, 1 from unnest(${ids}::uuid[]) u order by u
        on conflict (user_id) do update set last_position = c.last_position + 1, unread_count = c.unread_count + 1
        returning user_id, last_position
      )
      insert into notifications (user_id, type, position, data)
      select user_id, 'system', last_position, '{"notice": "warning", "reason": "Please keep to the film."}' from counted
      returning user_id, position`.execute(tx.db)
    for (const { user_id, position } of rows) positions.set(user_id, position)
    tx.afterCommit(async () => {
      at = clock()
    })
    if (bare === null) announce(tx, ids)
    else {
      const words = rows.map(({ user_id, position }) => `${user_id} ${position}`)
      tx.afterCommit(async () => void (await ctx.pubsub.publish(bare, words.join(','))))
    }
  })
  return clients.map((client) => [client, positions.get(users[client]!)!, at] as const)
}

async function writeAll(order: WriteOrder): Promise<Commit[]> {
  const commits: Commit[] = []
  const begun = performance.now()
  const count = Math.floor((order.perSecond * order.seconds) / together)
  let next = 0
  const writer = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const early = begun + (n * together * 1_000) / order.perSecond - performance.now()
      if (early > 1) await wait(early)
      const clients = Array.from({ length: together }, (_, each) => (n * together + each) % order.users.length)
      commits.push(...(await write(order, clients)))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, writer))
  return commits
}

process.on('message', async (order: WriteOrder) => {
  const begun = performance.now()
  const commits = await writeAll(order)
  process.send?.({ commits, seconds: (performance.now() - begun) / 1_000 })
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
