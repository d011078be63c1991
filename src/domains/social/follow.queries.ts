import { sql } from 'kysely'
import { onViolation } from '../../infra/constraints.ts'
import type { Db, Tx } from '../../infra/db.ts'
import { type PlannedRows, plannedRows } from '../../lib/page-size.ts'
import { accountNotFound, followLimit, selfFollow } from './follow.errors.ts'
import type { Follow, ListedUser } from './follow.schemas.ts'

const violations = {
  follows_self_check: selfFollow,
  follows_followee_id_fkey: accountNotFound,
  follows_blocked_check: accountNotFound,
  follows_limit_check: followLimit,
}

/**
 * Follows an account that can be seen; the counts, the end of a block's race and the feed are triggers of the table.
 * @returns whether it is news, or undefined when there is nobody to follow
 */
export async function insertFollow(db: Tx, follower: string, followee: string): Promise<boolean | undefined> {
  const { rows } = await onViolation(
    violations,
    sql<{ found: boolean; is_new: boolean }>`
      /* insertFollow prepared */
      with target as materialized (
        select u.id from users u where u.id = ${followee}::uuid and sees_user(${follower}::uuid, u.id)
      ), inserted as (
        insert into follows (follower_id, followee_id)
        select ${follower}::uuid, id from target
        on conflict do nothing
        returning 1
      )
      select exists (select from target) as found, exists (select from inserted) as is_new`.execute(db),
  )
  return rows[0]!.found ? rows[0]!.is_new : undefined
}

/** How an account stands to the one that asks, after following it. */
export async function getFollow(db: Tx, viewer: string, userId: string): Promise<Follow> {
  const { rows } = await sql<Follow>`
    /* getFollow prepared */
    select c.user_id, c.followers_count, user_viewer(${viewer}::uuid, c.user_id) as viewer
    from user_counts c
    where c.user_id = ${userId}::uuid`.execute(db)
  return rows[0]!
}

/** @returns whether it ended one, or undefined when there was nothing to end and there is nobody to be seen either */
export async function deleteFollow(db: Tx, follower: string, followee: string): Promise<boolean | undefined> {
  const { rows } = await sql<{ found: boolean; ended: boolean }>`
    /* deleteFollow prepared */
    with deleted as (
      delete from follows where follower_id = ${follower}::uuid and followee_id = ${followee}::uuid returning 1
    )
    select exists (select from deleted) as ended,
      exists (select from deleted) or sees_user(${follower}::uuid, ${followee}::uuid) as found`.execute(db)
  return rows[0]!.found ? rows[0]!.ended : undefined
}

export interface UserListOptions {
  readonly userId: string
  readonly viewer: string | null
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  /** The row to go on after. */
  readonly since: string
  readonly id: string
}

/** A row of a list of accounts; its fields are null where there is only `found` to tell. */
type FoundUser = { readonly found: boolean; readonly total: number | null } & ListedUser

const sides = {
  followers: { owner: sql.ref('f.followee_id'), other: sql.ref('f.follower_id'), count: sql.ref('c.followers_count') },
  following: { owner: sql.ref('f.follower_id'), other: sql.ref('f.followee_id'), count: sql.ref('c.following_count') },
} as const
export type FollowSide = keyof typeof sides

/** Which of the statements it is; each is prepared. */
export interface UserListForm {
  readonly side: FollowSide
  /** Whether it goes on after a row. */
  readonly paged: boolean
  readonly counted: boolean
  readonly size: PlannedRows
}

/**
 * Followers of an account, or whom it follows, the latest first: without those who are suspended, or out of the viewer's
 * sight. The total is the count that is kept, less those.
 * Answers one row without a user when the list is empty. To be compiled once for each form.
 */
export function listFollows(db: Db, { side, paged, counted, size }: UserListForm, asked: UserListOptions) {
  const { userId, viewer, rows } = asked
  const { owner, other, count } = sides[side]
  const beyond = paged ? sql`and (f.created_at, ${other}) < (${asked.since}::timestamptz, ${asked.id}::uuid)` : sql``
  const total = sql`(
      select ${count} - (
        select count(*) from follows f
        where ${owner} = c.user_id and ${other} in (
          select s.id from users s where s.suspended_at is not null and coalesce(s.suspended_until > now(), true)
          union select b.blocked_id from blocks b where b.blocker_id = ${viewer}::uuid
          union select b.blocker_id from blocks b where b.blocked_id = ${viewer}::uuid
        ))
      from user_counts c where c.user_id = ${userId}::uuid)`
  return sql<FoundUser>`
    select target.found, target.total, shown.*
    from (
      select sees_user(${viewer}::uuid, ${userId}::uuid) as found, ${counted ? total : sql`null::bigint`} as total
    ) target
    left join lateral (
      select u.id, u.name, u.avatar_url, u.role, f.created_at as since, user_viewer(${viewer}::uuid, u.id) as viewer
      from follows f
      join users u on u.id = ${other}
      where ${owner} = ${userId}::uuid and (u.suspended_at is null or u.suspended_until <= now())
        and not is_blocked(${viewer}::uuid, u.id) ${beyond}
      order by f.created_at desc, ${other} desc
      limit ${sql.lit(plannedRows[size])}
    ) shown on target.found
    order by shown.since desc, shown.id desc
    limit ${rows}`.compile(db)
}
