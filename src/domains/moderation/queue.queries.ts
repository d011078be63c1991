import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import type { QueueItem, QueueReason, QueueSort } from './queue.schemas.ts'

/** Puts a reported review into the queue. @returns whether it was not flagged before */
export async function flagReported(db: Tx, reviewId: string): Promise<boolean> {
  const { rows } = await sql`
    /* flagReported */
    insert into moderation_queue as q (review_id, movie_id, is_reported, score)
    select r.id, r.movie_id, true, coalesce((r.assessment ->> 'score')::numeric, 0) from reviews r where r.id = ${reviewId}::uuid
    on conflict (review_id) do update set is_reported = true where not q.is_reported
    returning review_id`.execute(db)
  return rows.length > 0
}

/** Takes the flag of reports off a review; what else keeps it in the queue stays. */
export async function unflagReported(db: Tx, reviewId: string): Promise<void> {
  await sql`
    /* unflagReported */
    with gone as (
      delete from moderation_queue where review_id = ${reviewId}::uuid and not is_pending and not is_held
    )
    update moderation_queue set is_reported = false
    where review_id = ${reviewId}::uuid and (is_pending or is_held)`.execute(db)
}

/** Takes reviews out of the queue, decided as they are. */
export async function dequeue(db: Tx, reviewIds: readonly string[]): Promise<void> {
  await sql`
    /* dequeue */
    delete from moderation_queue where review_id = any (${[...reviewIds]}::uuid[])`.execute(db)
}

export interface QueueFilters {
  readonly why?: QueueReason
  readonly movieId?: string
  readonly language?: string
}

export interface QueueOptions {
  readonly filters: QueueFilters
  readonly sort: QueueSort
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  readonly after?: readonly [key: string | number, id: string]
  readonly moderatorId: string
}

const flags: Readonly<Record<QueueReason, RawBuilder<unknown>>> = {
  pending: sql`q.is_pending`,
  held: sql`q.is_held`,
  reported: sql`q.is_reported`,
}

const orders = {
  oldest: { key: sql`q.flagged_at`, type: sql`timestamptz`, direction: sql`asc`, beyond: sql`>` },
  newest: { key: sql`q.flagged_at`, type: sql`timestamptz`, direction: sql`desc`, beyond: sql`<` },
  score: { key: sql`q.score`, type: sql`numeric`, direction: sql`desc`, beyond: sql`<` },
}

/** What a moderator needs to know of an author, as JSON. */
const authorHistory = sql`
  (
    select json_build_object(
      'registered_at', to_char(u.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'is_verified', u.is_verified,
      'is_suspended', u.suspended_at is not null and coalesce(u.suspended_until > now(), true),
      'reviews', coalesce(own.reviews, 0), 'approved', coalesce(own.approved, 0), 'pending', coalesce(own.pending, 0),
      'rejected', coalesce(own.rejected, 0), 'reported', coalesce(own.reported, 0),
      'last_decisions', coalesce((
        select json_agg(json_build_object(
          'kind', d.kind, 'decision', d.decision, 'reason', d.reason,
          'decided_at', to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) order by d.created_at desc, d.id desc)
        from (
          select * from moderation_decisions d where d.author_id = u.id order by d.created_at desc, d.id desc limit 5
        ) d
      ), '[]'))
    from users u
    left join lateral (
      select count(*) as reviews, count(*) filter (where a.moderation_status = 'approved') as approved,
        count(*) filter (where a.moderation_status = 'pending') as pending,
        count(*) filter (where a.moderation_status = 'rejected') as rejected,
        count(*) filter (where exists (select from reports p where p.review_id = a.id)) as reported
      from (select * from reviews a where a.user_id = u.id order by a.created_at desc, a.id desc limit 200) a
    ) own on true
    where u.id = r.user_id
  )`

/** The queue, with all that a decision needs, in one statement. */
export async function listQueue(db: Db, options: QueueOptions): Promise<(QueueItem & { sort_key: string | number })[]> {
  const { filters, sort, rows: most, after, moderatorId } = options
  const { key, type, direction, beyond } = orders[sort]
  const conditions = [
    sql`true`,
    ...(filters.why ? [flags[filters.why]] : []),
    ...(filters.movieId ? [sql`q.movie_id = ${filters.movieId}::uuid`] : []),
    ...(filters.language
      ? [sql`exists (select from reviews l where l.id = q.review_id and l.review_language = ${filters.language})`]
      : []),
    ...(after ? [sql`(${key}, q.review_id) ${beyond} (${after[0]}::${type}, ${after[1]}::uuid)`] : []),
  ]
  const { rows } = await sql<QueueItem & { sort_key: string | number }>`
    /* listQueue */
    select page.review_id as content_id,
      array_remove(array[case when page.is_pending then 'pending' end, case when page.is_held then 'held' end,
        case when page.is_reported then 'reported' end], null) as why,
      page.score, coalesce(r.assessment -> 'reasons', '[]') as reasons, page.flagged_at, page.sort_key,
      (select row_to_json(seen) from reviews_as_seen(${moderatorId}::uuid, true) seen where seen.id = r.id) as review,
      (
        select json_build_object('open', count(*), 'in_good_standing', count(*) filter (where p.in_good_standing),
          'latest', coalesce((
            select json_agg(json_build_object('reason', l.reason, 'note', l.note,
              'created_at', to_char(l.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) order by l.created_at desc, l.id desc)
            from (
              select * from reports l where l.review_id = r.id and l.resolution is null
              order by l.created_at desc, l.id desc limit 10
            ) l
          ), '[]'))
        from reports p where p.review_id = r.id and p.resolution is null
      ) as reports,
      ${authorHistory} as author_history
    from (
      select q.*, ${key} as sort_key from moderation_queue q
      where ${sql.join(conditions, sql` and `)}
      order by ${key} ${direction}, q.review_id ${direction}
      limit ${most}
    ) page
    join reviews r on r.id = page.review_id
    order by page.sort_key ${direction}, page.review_id ${direction}`.execute(db)
  return rows
}

export async function countQueue(db: Db, filters: QueueFilters): Promise<number> {
  const conditions = [
    sql`true`,
    ...(filters.why ? [flags[filters.why]] : []),
    ...(filters.movieId ? [sql`q.movie_id = ${filters.movieId}::uuid`] : []),
    ...(filters.language
      ? [sql`exists (select from reviews l where l.id = q.review_id and l.review_language = ${filters.language})`]
      : []),
  ]
  const { rows } = await sql<{ total: number }>`
    /* countQueue */
    select count(*) as total from moderation_queue q where ${sql.join(conditions, sql` and `)}`.execute(db)
  return rows[0]!.total
}
