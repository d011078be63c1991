import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'

/**
 * What an address and a title are kept as. The secret stands in front and the title, of one length, at the end, so that no
 * two pairs have one hash, and nobody tries addresses without the secret.
 */
const reviewHash = (secret: Buffer, movieId: ReturnType<typeof sql>) =>
  sql`sha256(${secret}::bytea || convert_to(u.email_key, 'UTF8') || uuid_send(${movieId}))`

/** Keeps, for all that an account has reviewed, that its address has. */
export async function insertErasedReviewer(db: Tx, secret: Buffer, userId: string): Promise<void> {
  await sql`
    /* insertErasedReviewer */
    insert into erased_reviewers (review_hash)
    select ${reviewHash(secret, sql`r.movie_id`)}
    from reviews r
    join users u on u.id = r.user_id
    where r.user_id = ${userId}::uuid
    on conflict (review_hash) do update set erased_at = now()`.execute(db)
}

/** Whether the address of an account has reviewed a title with one that is erased. */
export async function isReturningReviewer(
  db: Db | Tx,
  secret: Buffer,
  userId: string,
  movieId: string,
): Promise<boolean> {
  const { rows } = await sql`
    /* isReturningReviewer prepared */
    select from users u
    join erased_reviewers e on e.review_hash = ${reviewHash(secret, sql`${movieId}::uuid`)}
    where u.id = ${userId}::uuid`.execute(db)
  return rows.length > 0
}

/** Forgets those of long ago. @returns how many, at most so many */
export async function pruneErasedReviewers(db: Db, days: number, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    /* pruneErasedReviewers */
    delete from erased_reviewers where review_hash in (
      select review_hash from erased_reviewers
      where erased_at < now() - make_interval(days => ${days}::integer)
      order by erased_at limit ${most} for update skip locked)`.execute(db)
  return Number(numAffectedRows)
}
