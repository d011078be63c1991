import { type Actor, hasRole } from '../../lib/actor.ts'

/** Who sees, and may delete, what is somebody else's. */
export const mayModerate = (actor: Actor): boolean => hasRole(actor.role, 'moderator')

/** Whose reviews count as a critic's: those whom the editors have recognised, and not staff. */
export const writesAsCritic = ({ role }: Pick<Actor, 'role'>): boolean => role === 'critic'

interface Editable {
  readonly moderation_status: 'pending' | 'approved' | 'rejected'
}

/**
 * The status of a review after an edit. Automation may take an approval back, never give one: what waits for a person, or
 * was rejected by one, waits for a person.
 */
export const statusAfterEdit = (before: Editable, assessed: 'approved' | 'pending'): 'approved' | 'pending' =>
  before.moderation_status === 'approved' ? assessed : 'pending'

/** Whether a review is part of its title's score. */
export const counts = (review: { readonly moderation_status: string; readonly exclusion: string | null }): boolean =>
  review.moderation_status === 'approved' && review.exclusion === null

/**
 * Whether a change of a review may change its title's score: one that is held goes on counting with what it gave before, if
 * it counted then.
 */
export const mayCount = (review: Parameters<typeof counts>[0]): boolean => counts(review) || review.exclusion === 'held'
