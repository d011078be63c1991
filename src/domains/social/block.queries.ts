import { sql } from 'kysely'
import { onViolation } from '../../infra/constraints.ts'
import type { Db, Tx } from '../../infra/db.ts'
import { accountNotFound, selfBlock } from './follow.errors.ts'
import type { ListedUser } from './follow.schemas.ts'

const violations = { blocks_self_check: selfBlock, blocks_blocked_id_fkey: accountNotFound }

/**
 * Blocks an account that can be seen; its follows both ways end by the trigger of the table.
 * @returns whether it is news, or undefined when there is nobody to block
 */
export async function insertBlock(db: Tx, blocker: string, blocked: string): Promise<boolean | undefined> {
  const { rows } = await onViolation(
    violations,
    sql<{ found: boolean; is_new: boolean }>`
      /* insertBlock */
      with target as materialized (
        select u.id from users u where u.id = ${blocked}::uuid and sees_user(${blocker}::uuid, u.id)
      ), inserted as (
        insert into blocks (blocker_id, blocked_id)
        select ${blocker}::uuid, id from target
        on conflict do nothing
        returning 1
      )
      select exists (select from target)
          or exists (select from blocks where blocker_id = ${blocker}::uuid and blocked_id = ${blocked}::uuid) as found,
        exists (select from inserted) as is_new`.execute(db),
  )
  return rows[0]!.found ? rows[0]!.is_new : undefined
}

/** @returns false when there was nothing to end and there is nobody to be seen either */
export async function deleteBlock(db: Tx, blocker: string, blocked: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    /* deleteBlock */
    with deleted as (
      delete from blocks where blocker_id = ${blocker}::uuid and blocked_id = ${blocked}::uuid returning 1
    )
    select exists (select from deleted) or sees_user(${blocker}::uuid, ${blocked}::uuid) as found`.execute(db)
  return rows[0]!.found
}

export interface BlockListOptions {
  readonly blocker: string
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  readonly after?: readonly [since: string, id: string]
}

/** Whom an account has blocked, the latest first; suspended ones too, or they could not be let off. */
export async function listBlocks(db: Db, { blocker, rows, after }: BlockListOptions): Promise<ListedUser[]> {
  const beyond = after ? sql`and (b.created_at, b.blocked_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``
  const result = await sql<ListedUser>`
    /* listBlocks */
    select u.id, u.name, u.avatar_url, u.role, b.created_at as since, user_viewer(${blocker}::uuid, u.id) as viewer
    from blocks b
    join user_summaries u on u.id = b.blocked_id
    where b.blocker_id = ${blocker}::uuid ${beyond}
    order by b.created_at desc, b.blocked_id desc
    limit ${rows}`.execute(db)
  return result.rows
}

export async function countBlocks(db: Db, blocker: string): Promise<number> {
  const { rows } = await sql<{ total: number }>`
    /* countBlocks */
    select count(*) as total from blocks where blocker_id = ${blocker}::uuid`.execute(db)
  return rows[0]!.total
}
