import { type RawBuilder, sql } from 'kysely'
import { named, type Tx } from '../../infra/db.ts'
import type { Resolution } from './report.schemas.ts'

/** The review that a report is of, or what is left of it; undefined when there is no such report. */
export const findReportedReview = (db: Tx, id: string) =>
  db
    .selectFrom('reports')
    .modifyFront(named('findReportedReview'))
    .select(['review_id', 'removed_review_id'])
    .where('id', '=', id)
    .executeTakeFirst()

/** A report, kept from changing until the transaction ends. */
export const lockReport = (db: Tx, id: string) =>
  db
    .selectFrom('reports')
    .modifyFront(named('lockReport'))
    .select(['id', 'review_id', 'reporter_id', 'resolution'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()

export interface ResolvedReport {
  readonly id: string
  readonly reporter_id: string | null
  readonly review_id: string | null
}

interface ResolveOptions {
  readonly resolution: Resolution
  readonly note: string | null
  readonly by: string
}

const resolve = async (db: Tx, which: RawBuilder<unknown>, { resolution, note, by }: ResolveOptions) => {
  const { rows } = await sql<ResolvedReport>`
    /* resolveReports */
    update reports
    set resolution = ${resolution}, resolution_note = ${note}, resolved_at = now(),
      -- Who decided may be erased by the time that the last of very many is seen to.
      resolved_by = (select u.id from users u where u.id = ${by}::uuid)
    where resolution is null and ${which}
    returning id, reporter_id, review_id`.execute(db)
  return rows
}

export const resolveOneReport = (db: Tx, id: string, options: ResolveOptions): Promise<ResolvedReport[]> =>
  resolve(db, sql`id = ${id}::uuid`, options)

/** Resolves what is open of a review. */
export const resolveReportsOf = (
  db: Tx,
  reviewIds: readonly string[],
  options: ResolveOptions,
): Promise<ResolvedReport[]> => resolve(db, sql`review_id = any (${[...reviewIds]}::uuid[])`, options)

/** Resolves what is open of a review that its author deleted. */
export const resolveReportsOfRemoved = (db: Tx, id: string, options: ResolveOptions): Promise<ResolvedReport[]> =>
  resolve(db, sql`removed_review_id = ${id}::uuid`, options)
