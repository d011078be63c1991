import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'

export interface ExportedFollow {
  readonly follower_id: string
  readonly followee_id: string
  readonly created_at: string
}

export async function exportFollows(
  db: Db,
  userId: string,
  after: ExportedFollow | undefined,
  limit: number,
): Promise<ExportedFollow[]> {
  // Of a union each arm is paged by its own index.
  const beyond = after
    ? sql`and (f.created_at, f.follower_id, f.followee_id)
        > (${after.created_at}::timestamptz, ${after.follower_id}::uuid, ${after.followee_id}::uuid)`
    : sql``
  const arm = (side: 'follower_id' | 'followee_id') => sql`(
    select f.follower_id, f.followee_id, f.created_at from follows f
    where ${sql.ref(`f.${side}`)} = ${userId}::uuid ${beyond}
    order by f.created_at, f.follower_id, f.followee_id limit ${limit})`
  const { rows } = await sql<ExportedFollow>`
    /* exportFollows */
    select * from (${arm('follower_id')} union all ${arm('followee_id')}) f
    order by f.created_at, f.follower_id, f.followee_id
    limit ${limit}`.execute(db)
  return rows
}

export interface ExportedBlock {
  readonly blocked_id: string
  readonly created_at: string
}

export async function exportBlocks(
  db: Db,
  userId: string,
  after: ExportedBlock | undefined,
  limit: number,
): Promise<ExportedBlock[]> {
  const beyond = after
    ? sql`and (b.created_at, b.blocked_id) > (${after.created_at}::timestamptz, ${after.blocked_id}::uuid)`
    : sql``
  const { rows } = await sql<ExportedBlock>`
    /* exportBlocks */
    select b.blocked_id, b.created_at from blocks b
    where b.blocker_id = ${userId}::uuid ${beyond}
    order by b.created_at, b.blocked_id
    limit ${limit}`.execute(db)
  return rows
}

/** Ends some of an account's follows, both ways. @returns how many */
export async function deleteSomeFollowsOf(db: Db, userId: string, limit: number): Promise<number> {
  const { rows } = await sql<{ ended: number }>`
    /* deleteSomeFollowsOf */
    with few as materialized (
      (select follower_id, followee_id from follows where followee_id = ${userId}::uuid limit ${limit})
      union all (select follower_id, followee_id from follows where follower_id = ${userId}::uuid limit ${limit})
      limit ${limit}
    ), gone as (
      delete from follows f using few s
      where f.follower_id = s.follower_id and f.followee_id = s.followee_id
      returning 1
    )
    select count(*) as ended from gone`.execute(db)
  return rows[0]!.ended
}

export async function deleteFollowsOf(db: Tx, userId: string): Promise<void> {
  await sql`/* deleteFollowsOf */
    delete from follows where follower_id = ${userId}::uuid or followee_id = ${userId}::uuid`.execute(db)
}

export async function deleteBlocksOf(db: Tx, userId: string): Promise<void> {
  await sql`/* deleteBlocksOf */
    delete from blocks where blocker_id = ${userId}::uuid or blocked_id = ${userId}::uuid`.execute(db)
}
