import { sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'
import type { Announcement, NewAnnouncement } from './announcement.schemas.ts'

export const insertAnnouncement = (db: Tx, createdBy: string, announcement: NewAnnouncement) =>
  db
    .insertInto('announcements')
    .modifyEnd(named('insertAnnouncement'))
    .values({ ...announcement, created_by: createdBy })
    .returning('id')
    .executeTakeFirstOrThrow()

/** An announcement, and how many were told. */
export async function findAnnouncement(db: Db, id: string): Promise<Announcement | undefined> {
  const { rows } = await sql<Announcement>`
    /* findAnnouncement */
    select a.id, a.title, a.body, a.audience, coalesce(f.told_count, 0) as told_count, f.completed_at, a.created_at
    from announcements a
    left join notification_fan_outs f on f.kind = 'announcement' and f.subject_id = a.id
    where a.id = ${id}::uuid and a.called_off_at is null`.execute(db)
  return rows[0]
}

/** @returns whether it was there, and not called off yet */
export async function callOff(db: Tx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('announcements')
    .modifyEnd(named('callOffAnnouncement'))
    .set({ called_off_at: sql`now()` })
    .where('id', '=', id)
    .where('called_off_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
