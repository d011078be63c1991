import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import { isThere, type NotificationRow, shown } from './notification.queries.ts'

/** How many rows of one account are read at a time. */
export const pageOfFeed = 10

/** Where accounts' readers have come to, in two lists of one length. */
export interface FeedsAsked {
  readonly users: readonly string[]
  readonly afters: readonly number[]
}

/** A row of a feed; that of a notification is null where there is only the state to tell. */
export type FeedRow = {
  readonly reader: string
  readonly last_position: number
  readonly unread_count: number
  readonly pruned_position: number
} & NotificationRow

/**
 * What each of these accounts is to be told after a position of its own, in order, and where its list stands: one
 * statement for all of them, so that the rows and the state are of one moment.
 */
export function readFeeds(db: Db, { users, afters }: FeedsAsked) {
  const page = sql`(
    select n.* from notifications n
    where n.user_id = f.user_id and n.position > f.after and n.live and ${isThere(sql.ref('n'))}
    order by n.position
    limit ${sql.lit(pageOfFeed)}
  )`
  return sql<FeedRow>`
    select f.user_id as reader, coalesce(c.last_position, 0) as last_position, coalesce(c.unread_count, 0) as unread_count,
      coalesce(c.pruned_position, 0) as pruned_position, told.*
    from unnest(${users}::uuid[], ${afters}::bigint[]) f (user_id, after)
    left join notification_counters c on c.user_id = f.user_id
    left join lateral (${shown(page)}) told on true
    order by f.user_id, told.nth`.compile(db)
}

/** What readers were told last, in three lists of one length. */
export interface FeedsSeen {
  readonly users: readonly string[]
  readonly positions: readonly number[]
  readonly unread: readonly number[]
}

/** Which of many accounts have something that their readers were not told. */
export const findBehind = (db: Db, { users, positions, unread }: FeedsSeen) =>
  sql<{ user_id: string }>`
    select f.user_id
    from unnest(${users}::uuid[], ${positions}::bigint[], ${unread}::integer[]) f (user_id, position, unread)
    join notification_counters c on c.user_id = f.user_id
    where c.last_position > f.position or c.unread_count <> f.unread`.compile(db)
