import type { Needs } from '../../context.ts'
import { bodyOf, type CachedBody } from '../../infra/cache-body.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { avatarProblem } from './avatar.policy.ts'
import { findOwnProfile, findProfile, updateUser } from './profile.queries.ts'
import { type OwnProfile, type ProfilePatch, profileSchemas, UserProfile } from './profile.schemas.ts'
import { userNotFound } from './user.errors.ts'

const profileById = compileHot('findProfile', (db, asked: { userId: string; viewer: string | null }) =>
  findProfile(db, asked),
)

const stringifyProfile = stringifierOf(UserProfile, profileSchemas)

/**
 * A profile as others may see it, as JSON. It is not cached, so that its numbers are exact.
 * @param viewer the account that asks, if one does
 */
export async function openProfile(
  ctx: Needs<'hot'>,
  userId: string,
  viewer: string | null = null,
): Promise<CachedBody> {
  const [profile] = await ctx.hot.run(profileById, { userId, viewer })
  if (!profile) throw userNotFound()
  return bodyOf(Buffer.from(stringifyProfile(profile)))
}

/** A profile as its owner sees it. */
export async function openOwnProfile(ctx: Needs<'db'>, userId: string): Promise<OwnProfile> {
  const profile = await findOwnProfile(ctx.db, userId)
  if (!profile) throw userNotFound()
  return profile
}

/** Changes one's own profile. */
export function changeProfile(
  ctx: Needs<'db' | 'config'> & { readonly requestId?: string },
  actor: Actor,
  patch: ProfilePatch,
): Promise<OwnProfile> {
  const problem = avatarProblem(patch.avatar_url, ctx.config.CLOUDINARY_URL, actor.id)
  if (problem) throw problem
  return inTx(ctx, async (tx) => {
    if (Object.keys(patch).length > 0) {
      if (!(await updateUser(tx.db, actor.id, patch))) throw userNotFound()
      await publish(tx, 'user.updated', { user_id: actor.id })
    }
    return openOwnProfile(tx, actor.id)
  })
}
