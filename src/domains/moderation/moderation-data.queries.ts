import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'

interface Page {
  /** The id of the last row of the page before. */
  readonly after: string | undefined
  readonly rows: number
}

const beforeAll = '00000000-0000-0000-0000-000000000000'

/** What an account has reported, and what became of it. */
export async function listReportData(db: Db, userId: string, { after = beforeAll, rows }: Page) {
  const result = await sql<{ id: string }>`
    /* listReportData */
    select p.id, p.review_id, p.reason, p.note, p.resolution, p.resolution_note, p.created_at, p.resolved_at
    from reports p
    where p.reporter_id = ${userId}::uuid and p.id > ${after}::uuid
    order by p.id
    limit ${rows}`.execute(db)
  return result.rows
}

/** What moderators decided about the reviews of an account. */
export async function listDecisionData(db: Db, userId: string, { after = beforeAll, rows }: Page) {
  const result = await sql<{ id: string }>`
    /* listDecisionData */
    select d.id, d.kind, d.decision, d.reason, d.review_id, d.created_at
    from moderation_decisions d
    where d.author_id = ${userId}::uuid and d.id > ${after}::uuid
    order by d.id
    limit ${rows}`.execute(db)
  return result.rows
}

/** Takes what an account wrote out of its reports; that they were made stays, by nobody. */
export async function blankReportsOf(db: Tx, userId: string): Promise<void> {
  await sql`/* blankReportsOf */ update reports set note = null where reporter_id = ${userId}::uuid and note is not null`.execute(
    db,
  )
}
