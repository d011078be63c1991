import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import type { ModerationDecision } from './decision.schemas.ts'
import { countUpTo } from './total.queries.ts'

export interface LockedContent {
  readonly id: string
  readonly user_id: string | null
  readonly movie_id: string
  readonly moderation_status: 'pending' | 'approved' | 'rejected'
  readonly exclusion: 'before_release' | 'held' | null
  readonly version: number
  readonly is_queued: boolean
}

/**
 * A review to be decided on. The scores of its title are locked first, as they are by whoever writes a review, and by a
 * statement of its own: of two moderators at once the second one then sees what the first one did.
 */
export async function lockContent(db: Tx, id: string): Promise<LockedContent | undefined> {
  await sql`
    /* lockContentStats */
    select from movie_stats s join reviews r on r.movie_id = s.movie_id
    where r.id = ${id}::uuid
    for no key update of s`.execute(db)
  const { rows } = await sql<LockedContent>`
    /* lockContent */
    select r.id, r.user_id, r.movie_id, r.moderation_status, r.exclusion, r.version,
      exists (select from moderation_queue q where q.review_id = r.id) as is_queued
    from reviews r
    where r.id = ${id}::uuid
    for no key update of r`.execute(db)
  return rows[0]
}

export async function getState(db: Tx, id: string) {
  const { rows } = await sql<Pick<LockedContent, 'moderation_status' | 'exclusion'>>`
    /* getContentState */
    select moderation_status, exclusion from reviews where id = ${id}::uuid`.execute(db)
  return rows[0]!
}

export interface NewDecision {
  readonly kind: 'review' | 'report' | 'burst' | 'word' | 'allowed_phrase'
  readonly decision: string
  readonly moderator_id: string
  readonly review_id?: string | null
  readonly report_id?: string | null
  readonly movie_id?: string | null
  readonly author_id?: string | null
  readonly reason?: string | null
  readonly before?: object | null
  readonly after?: object | null
}

/** Writes decisions down, for good. */
export async function insertDecisions(db: Tx, decisions: readonly NewDecision[]): Promise<void> {
  if (decisions.length === 0) return
  await sql`
    /* insertDecisions */
    insert into moderation_decisions
      (kind, decision, moderator_id, review_id, report_id, movie_id, author_id, reason, before, after)
    select kind, decision, moderator_id, review_id, report_id, movie_id, author_id, reason, before, after
    from jsonb_populate_recordset(null::moderation_decisions, ${JSON.stringify(decisions)}::jsonb)`.execute(db)
}

export interface DecisionFilters {
  readonly content_id?: string
  readonly author_id?: string
  readonly moderator_id?: string
}

const conditionsOf = ({ content_id, author_id, moderator_id }: DecisionFilters) => [
  sql`true`,
  ...(content_id ? [sql`d.review_id = ${content_id}::uuid`] : []),
  ...(author_id ? [sql`d.author_id = ${author_id}::uuid`] : []),
  ...(moderator_id ? [sql`d.moderator_id = ${moderator_id}::uuid`] : []),
]

export const countDecisions = (db: Db, filters: DecisionFilters): Promise<number> =>
  countUpTo(db, sql`from moderation_decisions d where ${sql.join(conditionsOf(filters), sql` and `)}`)

/** What was decided, the latest first. */
export async function listDecisions(
  db: Db,
  filters: DecisionFilters,
  { rows: most, after }: { readonly rows: number; readonly after?: readonly [createdAt: string, id: string] },
): Promise<ModerationDecision[]> {
  const conditions = [
    ...conditionsOf(filters),
    ...(after ? [sql`(d.created_at, d.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`] : []),
  ]
  const { rows } = await sql<ModerationDecision>`
    /* listDecisions */
    select d.id, d.kind, d.decision, d.reason, d.moderator_id, d.review_id, d.report_id, d.movie_id, d.author_id, d.before,
      d.after, d.created_at, (select row_to_json(u) from user_summaries u where u.id = d.moderator_id) as moderator
    from (
      select * from moderation_decisions d where ${sql.join(conditions, sql` and `)}
      order by d.created_at desc, d.id desc limit ${most}
    ) d
    order by d.created_at desc, d.id desc`.execute(db)
  return rows
}
