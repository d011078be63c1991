import { sql } from 'kysely'
import { onViolation } from '../../infra/constraints.ts'
import type { Tx } from '../../infra/db.ts'
import { listedTitleNotFound } from './title-list.errors.ts'
import type { TitleListName } from './title-list.schemas.ts'

const violations = { list_titles_movie_id_fkey: listedTitleNotFound }

interface Listing {
  readonly userId: string
  readonly movieId: string
  readonly list: TitleListName
}

/**
 * Puts a title on a list. A row that is there is locked all the same, so that nobody takes it off before this commits. One
 * that was there for a review alone, which nobody else can read (any more), becomes the account's own word, as of now.
 * @param watchedOn a day that must not lie before the title's first release
 * @returns undefined when there is no such title
 */
export async function insertListed(db: Tx, { userId, movieId, list }: Listing, watchedOn: string | null = null) {
  const { rows } = await onViolation(
    violations,
    sql<{ found: boolean; is_too_early: boolean; is_new: boolean }>`
      /* insertListed prepared */
      with title as materialized (
        select m.id, coalesce(${watchedOn}::date < coalesce(m.release_date, make_date(m.release_year, 1, 1)), false) as is_too_early
        from movies m where m.id = ${movieId}::uuid
      ), listed as (
        insert into list_titles as l (user_id, movie_id, list)
        select ${userId}::uuid, id, ${list}::title_list from title where not is_too_early
        on conflict (user_id, movie_id, list) do update
        set (by_review, added_at) = (
          select speaks, case when l.by_review and not speaks then now() else l.added_at end
          from (
            select l.by_review and exists (
              select from reviews r
              where r.user_id = l.user_id and r.movie_id = l.movie_id and r.moderation_status = 'approved') as speaks
          ) review
        )
        returning old.user_id is null as is_new
      )
      select exists (select from title) as found, exists (select from title where is_too_early) as is_too_early,
        exists (select from listed where is_new) as is_new`.execute(db),
  )
  const { found, ...rest } = rows[0]!
  return found ? rest : undefined
}

/** @returns false when there is no such title */
export async function deleteListed(db: Tx, { userId, movieId, list }: Listing): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    /* deleteListed prepared */
    with deleted as (
      delete from list_titles
      where user_id = ${userId}::uuid and movie_id = ${movieId}::uuid and list = ${list}::title_list
    )
    select exists (select from movies m where m.id = ${movieId}::uuid) as found`.execute(db)
  return rows[0]!.found
}

/** Whether an account has reviewed a title, as of now: asked after its mark was taken away, which who reviews waits for. */
export async function hasReviewed(db: Tx, userId: string, movieId: string): Promise<boolean> {
  const { rows } = await sql`
    /* hasReviewed */
    select from reviews r where r.user_id = ${userId}::uuid and r.movie_id = ${movieId}::uuid`.execute(db)
  return rows.length > 0
}

/** Writes a day into the diary of a title that is on the list of watched ones. */
export const insertViewing = (db: Tx, userId: string, movieId: string, watchedOn: string) =>
  sql`
    /* insertViewing */
    insert into viewings (user_id, movie_id, watched_on)
    values (${userId}::uuid, ${movieId}::uuid, ${watchedOn}::date)
    on conflict do nothing`.execute(db)

/** @returns false when there is no such title */
export async function deleteViewing(db: Tx, userId: string, movieId: string, watchedOn: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    /* deleteViewing */
    with deleted as (
      delete from viewings
      where user_id = ${userId}::uuid and movie_id = ${movieId}::uuid and watched_on = ${watchedOn}::date
    )
    select exists (select from movies m where m.id = ${movieId}::uuid) as found`.execute(db)
  return rows[0]!.found
}
