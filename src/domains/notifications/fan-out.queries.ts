import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'

export const fanOutKinds = ['review', 'release', 'announcement'] as const
export type FanOutKind = (typeof fanOutKinds)[number]

export interface FanOut {
  readonly kind: FanOutKind
  readonly subject_id: string
}

/** Where it stands: behind whom it goes on. */
export interface FanOutMark {
  readonly after_at: string
  readonly after_id: string
}

/** Followers are walked from the latest back, others by their ids. */
const beginsAfter: Readonly<Record<FanOutKind, string>> = {
  review: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  release: '00000000-0000-0000-0000-000000000000',
  announcement: '00000000-0000-0000-0000-000000000000',
}

/** Begins to tell everybody; what has begun, or is complete, stays as it is. */
export async function insertFanOut(db: Tx, { kind, subject_id }: FanOut): Promise<void> {
  await sql`/* insertFanOut */
    insert into notification_fan_outs (kind, subject_id, after_id)
    values (${kind}::fan_out_kind, ${subject_id}::uuid, ${beginsAfter[kind]}::uuid)
    on conflict do nothing`.execute(db)
}

/** @returns undefined when it is complete, was called off, or somebody else is at it */
export async function lockFanOut(db: Tx, { kind, subject_id }: FanOut): Promise<FanOutMark | undefined> {
  const { rows } = await sql<FanOutMark>`
    /* lockFanOut */
    select f.after_at, f.after_id from notification_fan_outs f
    where f.kind = ${kind}::fan_out_kind and f.subject_id = ${subject_id}::uuid and f.completed_at is null
    for update skip locked`.execute(db)
  return rows[0]
}

/**
 * Calls it off: whoever is at it finishes the batch at hand first. One that has told everybody stays, so that it tells
 * nobody again.
 */
export async function deleteFanOut(db: Tx, { kind, subject_id }: FanOut): Promise<void> {
  await sql`/* deleteFanOut */
    delete from notification_fan_outs
    where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid and (completed_at is null or told_count = 0)
      -- What was told of it is held; it goes on from there once a moderator has approved it.
      and not (told_count > 0 and kind = 'review' and exists (
        select from reviews r where r.id = subject_id and r.moderation_status = 'pending'))`.execute(db)
}

/** Forgets it, whether it has told everybody or not, so that it may begin anew; whoever is at it finishes the batch first. */
export const forgetFanOut = (db: Tx, { kind, subject_id }: FanOut) =>
  sql`/* forgetFanOut */
    delete from notification_fan_outs where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid`.execute(
    db,
  )

/** Gives up what has not told everybody: nobody goes on with it, and nobody begins again what has told some already. */
export async function giveUpFanOut(db: Tx, { kind, subject_id }: FanOut): Promise<void> {
  await sql`/* giveUpFanOut */
    with kept as (
      update notification_fan_outs set completed_at = now()
      where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid and completed_at is null
        and (kind = 'release' or told_count > 0)
    )
    delete from notification_fan_outs
    where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid and completed_at is null
      and kind <> 'release' and told_count = 0`.execute(db)
}

/** @param mark behind whom it goes on; null when everybody was told */
export async function moveFanOut(
  db: Tx,
  { kind, subject_id }: FanOut,
  told: number,
  mark: FanOutMark | null,
): Promise<void> {
  await sql`/* moveFanOut */
    update notification_fan_outs
    set told_count = told_count + ${told}, completed_at = case when ${mark === null} then now() end,
      after_at = coalesce(${mark?.after_at ?? null}::timestamptz, after_at), after_id = coalesce(${mark?.after_id ?? null}::uuid, after_id)
    where kind = ${kind}::fan_out_kind and subject_id = ${subject_id}::uuid`.execute(db)
}

/** What a title or an author is gone from, or a reader from its author: whose fan-outs to wait for. */
export type Gone = { readonly movie_id: string } | { readonly author_id: string }

/**
 * Waits until nobody is at telling of a title, or of the reviews of an author, with who they were before: whoever goes on
 * after that sees that they are gone. Reviews that are gone with them, or have no author any more, are those of anybody.
 * @returns what is not complete: to be gone on with, since whoever was at it may have been turned away
 */
export async function awaitFanOuts(db: Tx, gone: Gone): Promise<FanOut[]> {
  const of =
    'movie_id' in gone
      ? sql`f.kind = 'release' and f.subject_id = ${gone.movie_id}::uuid or f.kind = 'review' and (r.id is null or r.movie_id = ${gone.movie_id}::uuid)`
      : sql`f.kind = 'review' and (r.user_id is null or r.user_id = ${gone.author_id}::uuid)`
  const { rows } = await sql<FanOut>`
    /* awaitFanOuts */
    select f.kind, f.subject_id
    from notification_fan_outs f
    left join reviews r on f.kind = 'review' and r.id = f.subject_id
    where f.completed_at is null and (${of})
    order by f.kind, f.subject_id
    for update of f`.execute(db)
  return rows
}

/** What was begun and is not complete, the oldest first: for whoever goes on after a crash. */
export async function listUnfinishedFanOuts(db: Db, most: number): Promise<FanOut[]> {
  const { rows } = await sql<FanOut>`
    /* listUnfinishedFanOuts */
    select f.kind, f.subject_id from notification_fan_outs f
    where f.completed_at is null and not (f.kind = 'review' and f.told_count > 0 and exists (
      select from reviews r where r.id = f.subject_id and r.moderation_status = 'pending'))
    order by f.created_at
    limit ${most}`.execute(db)
  return rows
}

/** Forgets that followers were told of reviews that are older than anybody would tell of again. @returns how many */
export async function pruneFanOuts(db: Db, days: number, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`/* pruneFanOuts */
    delete from notification_fan_outs where (kind, subject_id) in (
      select kind, subject_id from notification_fan_outs
      where kind = 'review' and created_at < now() - make_interval(days => ${days})
      order by created_at limit ${most} for update skip locked)`.execute(db)
  return Number(numAffectedRows)
}
