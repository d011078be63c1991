import { type RawBuilder, sql } from 'kysely'
import { onViolation } from '../../infra/constraints.ts'
import { type Db, named, type Tx } from '../../infra/db.ts'
import { alreadyReported, reviewNotFound } from './report.errors.ts'
import type { AdminReport, NewReport, Report } from './report.schemas.ts'
import { countUpTo } from './total.queries.ts'

/** Lets an account send one report at a time, so that its count for the day is exact. */
export async function lockReporter(db: Tx, reporterId: string): Promise<void> {
  await sql`/* lockReporter */ select pg_advisory_xact_lock(hashtextextended('report:' || ${reporterId}, 0))`.execute(
    db,
  )
}

interface Reportable {
  readonly user_id: string | null
  readonly movie_id: string
  readonly moderation_status: string
  readonly reports_today: number
}

/**
 * A review that somebody is about to report, and how much they have today; one report of a review at a time.
 * @returns undefined when it is not there, or they and its author have blocked each other
 */
export async function lockReportable(db: Tx, reviewId: string, reporterId: string): Promise<Reportable | undefined> {
  await sql`/* lockReported */ select from reviews where id = ${reviewId}::uuid for no key update`.execute(db)
  const { rows } = await sql<Reportable>`
    /* getReportable */
    select r.user_id, r.movie_id, r.moderation_status,
      (
        select count(*) from reports p
        where p.reporter_id = ${reporterId}::uuid and p.created_at > now() - interval '1 day'
      ) as reports_today
    from reviews r
    where r.id = ${reviewId}::uuid and not is_blocked(${reporterId}::uuid, r.user_id)`.execute(db)
  return rows[0]
}

/** @throws AppError 409 when they have reported it already */
export const insertReport = (db: Tx, reviewId: string, reporterId: string, { reason, note = null }: NewReport) =>
  onViolation(
    { reports_review_id_reporter_id_key: alreadyReported, reports_review_id_fkey: reviewNotFound },
    db
      .insertInto('reports')
      .modifyEnd(named('insertReport'))
      .values({
        review_id: reviewId,
        reporter_id: reporterId,
        reason,
        note,
        in_good_standing: sql<boolean>`coalesce(reports_in_good_standing(${reporterId}::uuid), false)`,
      })
      .returning('id')
      .executeTakeFirstOrThrow(),
  )

/** Open reports of a review that count towards flagging it. */
export async function countGoodReports(db: Tx, reviewId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    /* countGoodReports */
    select count(*) from reports
    where review_id = ${reviewId}::uuid and resolution is null and in_good_standing`.execute(db)
  return rows[0]!.count
}

const reportColumns = sql`
  p.id, p.review_id, p.reason, p.note, p.resolution, p.resolution_note, p.created_at, p.resolved_at,
  case when p.resolution is null then 'open' else 'resolved' end as status,
  (
    select row_to_json(m) from (
      select ms.*, null as viewer from movie_summaries ms
      where ms.id = coalesce(
        (select r.movie_id from reviews r where r.id = p.review_id),
        (select x.movie_id from removed_reviews x where x.id = p.removed_review_id))
    ) m
  ) as movie`

const userOf = (id: RawBuilder<unknown>) => sql`(select row_to_json(u) from user_summaries u where u.id = ${id})`

export async function getOwnReport(db: Tx, id: string): Promise<Report> {
  const { rows } =
    await sql<Report>`/* getOwnReport */ select ${reportColumns} from reports p where p.id = ${id}::uuid`.execute(db)
  return rows[0]!
}

export interface PageOptions {
  /** How many rows; ask for one more than a page has. */
  readonly rows: number
  readonly after?: readonly [createdAt: string, id: string]
}

export const countOwnReports = (db: Db, reporterId: string): Promise<number> =>
  countUpTo(db, sql`from reports p where p.reporter_id = ${reporterId}::uuid`)

/** What somebody has reported, the newest first. */
export async function listOwnReports(
  db: Db,
  reporterId: string,
  { rows: most, after }: PageOptions,
): Promise<Report[]> {
  const beyond = after ? sql`and (p.created_at, p.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``
  const { rows } = await sql<Report>`
    /* listOwnReports */
    select ${reportColumns}
    from (
      select * from reports p where p.reporter_id = ${reporterId}::uuid ${beyond}
      order by p.created_at desc, p.id desc limit ${most}
    ) p
    order by p.created_at desc, p.id desc`.execute(db)
  return rows
}

/** Reports, rows of `reports`, with whose they are and what they are of. */
const asStaffSees = (reports: RawBuilder<unknown>) => sql`
    select ${reportColumns}, p.in_good_standing, ${userOf(sql`p.reporter_id`)} as reporter,
      ${userOf(sql`p.resolved_by`)} as resolved_by, coalesce(w.review_text, x.review_text) as review_text,
      ${userOf(sql`coalesce(w.user_id, x.user_id)`)} as author
    from ${reports} p
    left join reviews w on w.id = p.review_id
    left join removed_reviews x on x.id = p.removed_review_id`

export interface ReportFilters {
  readonly status: 'open' | 'resolved'
  readonly reason?: string
  readonly reviewId?: string
}

const conditionsOf = ({ status, reason, reviewId }: ReportFilters) => [
  status === 'open' ? sql`p.resolution is null` : sql`p.resolution is not null`,
  ...(reason === undefined ? [] : [sql`p.reason = ${reason}`]),
  ...(reviewId === undefined ? [] : [sql`p.review_id = ${reviewId}::uuid`]),
]

export const countReports = (db: Db, filters: ReportFilters): Promise<number> =>
  countUpTo(db, sql`from reports p where ${sql.join(conditionsOf(filters), sql` and `)}`)

/** Reports for moderators: open ones oldest first, resolved ones newest first. */
export async function listReports(
  db: Db,
  filters: ReportFilters,
  { rows: most, after }: PageOptions,
): Promise<AdminReport[]> {
  const isOpen = filters.status === 'open'
  const direction = isOpen ? sql`asc` : sql`desc`
  const conditions = [
    ...conditionsOf(filters),
    ...(after
      ? [sql`(p.created_at, p.id) ${isOpen ? sql`>` : sql`<`} (${after[0]}::timestamptz, ${after[1]}::uuid)`]
      : []),
  ]
  const { rows } = await sql<AdminReport>`
    /* listReports */
    ${asStaffSees(sql`(
      select * from reports p where ${sql.join(conditions, sql` and `)}
      order by p.created_at ${direction}, p.id ${direction} limit ${most})`)}
    order by p.created_at ${direction}, p.id ${direction}`.execute(db)
  return rows
}

export async function getAdminReport(db: Tx, id: string): Promise<AdminReport> {
  const { rows } = await sql<AdminReport>`
    /* getAdminReport */
    ${asStaffSees(sql`reports`)}
    where p.id = ${id}::uuid`.execute(db)
  return rows[0]!
}
