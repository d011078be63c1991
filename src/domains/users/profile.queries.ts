import { sql } from 'kysely'
import { type Db, named } from '../../infra/db.ts'
import type { OwnProfile, ProfilePatch, UserProfile } from './profile.schemas.ts'

/** Counted by the view as it is asked: nothing is kept that could be out of date. */
const statsFor = (viewer: string | null) => sql`json_build_object(
      'total_reviews', s.total_reviews, 'average_rating', s.average_rating,
      'followers_count', s.followers_count, 'following_count', s.following_count,
      'movies_watched', case when can_see_list(${viewer}::uuid, u.id, 'watched') then s.movies_watched end)`

/** A profile as others (a viewer, or null for anybody) may see it: not while the account is suspended, and not across a block. */
export const findProfile = (db: Db, { userId, viewer }: { readonly userId: string; readonly viewer: string | null }) =>
  sql<UserProfile>`
    select u.id, u.name, u.bio, u.location, u.avatar_url, u.role, u.created_at, ${statsFor(viewer)} as stats,
      user_viewer(${viewer}::uuid, u.id) as viewer
    from users u
    join user_statistics s on s.user_id = u.id
    where u.id = ${userId}::uuid and sees_user(${viewer}::uuid, u.id)`.compile(db)

/** A profile as its owner sees it. */
export async function findOwnProfile(db: Db, userId: string): Promise<OwnProfile | undefined> {
  const result = await sql<OwnProfile>`
    /* findOwnProfile */
    select u.id, u.name, u.bio, u.location, u.avatar_url, u.role, u.created_at, ${statsFor(userId)} as stats, null as viewer,
      u.email, u.is_verified, u.updated_at
    from users u
    join user_statistics s on s.user_id = u.id
    where u.id = ${userId}`.execute(db)
  return result.rows[0]
}

/** @returns whether there is such an account */
export async function updateUser(db: Db, userId: string, patch: ProfilePatch): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .modifyEnd(named('updateUser'))
    .set({ ...patch, updated_at: sql<string>`now()` })
    .where('id', '=', userId)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}
