import type { Insertable } from 'kysely'
import { sql } from 'kysely'
import type { DB } from '../../db/types.ts'
import type { Db } from '../../src/infra/db.ts'

type Columns = Partial<Insertable<DB['notifications']>> & { readonly user_id: string }

/** An unread notification as it stands in the table, by default of type `system`, with its place and count. @returns its id */
export async function makeNotification(db: Db, columns: Columns): Promise<string> {
  const { rows } = await sql<{ last_position: number }>`
    insert into notification_counters as c (user_id, last_position, unread_count) values (${columns.user_id}, 1, 1)
    on conflict (user_id) do update set last_position = c.last_position + 1, unread_count = c.unread_count + 1
    returning last_position`.execute(db)
  const { id } = await db
    .insertInto('notifications')
    .values({ type: 'system', position: rows[0]!.last_position, ...columns })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
