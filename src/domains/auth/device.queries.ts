import { sql } from 'kysely'
import type { Tx } from '../../infra/db.ts'

/** @returns whether the account had never signed in from there */
export async function rememberDevice(db: Tx, userId: string, deviceHash: Buffer): Promise<boolean> {
  const { rows } = await sql<{ is_new: boolean }>`
    /* rememberDevice */
    insert into known_devices (user_id, device_hash) values (${userId}::uuid, ${deviceHash})
    on conflict (user_id, device_hash) do update set last_seen_at = now()
    returning xmax = 0 as is_new`.execute(db)
  return rows[0]!.is_new
}
