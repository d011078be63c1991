import { sql } from 'kysely'
import type { Needs } from '../../src/context.ts'
import { announce } from '../../src/infra/live-signal.ts'
import { inTx } from '../../src/infra/tx.ts'

interface Told {
  /** How many each is told. */
  readonly count?: number
  readonly live?: boolean
  readonly reason?: string
  /** Whether processes are told that there is something new. */
  readonly signalled?: boolean
}

/** Tells accounts something, in one transaction, as subscribers do: positions without gaps, exact counts, then a signal. */
export function tell(
  ctx: Needs<'db' | 'pubsub'>,
  userIds: readonly string[],
  { count = 1, live = true, reason = 'a word', signalled = true }: Told = {},
): Promise<void> {
  return inTx(ctx, async (tx) => {
    await sql`
      with counted as (
        insert into notification_counters as c (user_id, last_position, unread_count)
        select u, ${count}, ${count} from unnest(${userIds}::uuid[]) u order by u
        on conflict (user_id) do update
          set last_position = c.last_position + ${count}, unread_count = c.unread_count + ${count}
        returning user_id, last_position
      )
      insert into notifications (user_id, type, position, data, live)
      select user_id, 'system', last_position - ${count} + n, jsonb_build_object('notice', 'warning', 'reason', ${reason}::text), ${live}
      from counted, generate_series(1, ${count}::integer) n`.execute(tx.db)
    if (signalled) announce(tx, userIds)
  })
}

/** Marks all that an account was told as read, as reading it does. */
export function readAll(ctx: Needs<'db' | 'pubsub'>, userId: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    await sql`update notification_counters set unread_count = 0 where user_id = ${userId}::uuid`.execute(tx.db)
    await sql`update notifications set read_at = now() where user_id = ${userId}::uuid and read_at is null`.execute(
      tx.db,
    )
    announce(tx, [userId])
  })
}
