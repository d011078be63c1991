import { sql } from 'kysely'
import type { Db, Tx } from '../../infra/db.ts'
import type { ListPrivacy, ListPrivacyPatch } from './title-list.schemas.ts'

export async function getListPrivacy(db: Db, userId: string): Promise<ListPrivacy> {
  const { rows } = await sql<ListPrivacy>`
    /* getListPrivacy */
    select coalesce(max(p.visibility) filter (where p.list = 'watchlist'), 'public') as watchlist,
      coalesce(max(p.visibility) filter (where p.list = 'favorites'), 'public') as favorites,
      coalesce(max(p.visibility) filter (where p.list = 'watched'), 'public') as watched
    from list_privacy p
    where p.user_id = ${userId}::uuid`.execute(db)
  return rows[0]!
}

/** Says of some lists who may see them; the feed follows by the triggers of the table. */
export async function upsertListPrivacy(db: Tx, userId: string, patch: ListPrivacyPatch): Promise<void> {
  await sql`
    /* upsertListPrivacy */
    insert into list_privacy (user_id, list, visibility)
    select ${userId}::uuid, key::title_list, value::list_visibility
    from json_each_text(${JSON.stringify(patch)}::json)
    order by key
    on conflict (user_id, list) do update set visibility = excluded.visibility, updated_at = now()`.execute(db)
}
