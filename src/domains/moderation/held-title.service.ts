import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { invalidField } from '../../lib/errors.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { addTitleViewers } from '../catalog/title-viewer.service.ts'
import { releaseScore } from '../reviews/held-score.service.ts'
import { insertDecisions } from './decision.queries.ts'
import { type ModerationContext, tellReporters } from './decision.service.ts'
import { listHeldTitles } from './held-title.queries.ts'
import type { HeldTitlesQuery, ReleaseBody, ReleaseOutcome } from './held-title.schemas.ts'
import { resolveReportsOf } from './report.queries.ts'

/** Titles whose scores are held. */
export async function browseHeldTitles(
  ctx: Needs<'db' | 'hot' | 'config'>,
  actor: Actor,
  { limit, cursor }: HeldTitlesQuery,
) {
  const secret = ctx.config.JWT_SECRET
  const after =
    cursor === undefined ? undefined : (decodeCursor(secret, 'held-titles', cursor) as unknown as [string, string])
  const rows = await listHeldTitles(ctx.db, { rows: limit + 1, ...(after ? { after } : {}) })
  const page = toPage(rows, limit, null, (last) => encodeCursor(secret, 'held-titles', [last.held_at, last.id]))
  return addTitleViewers(ctx, actor.id, { ...page, data: [...page.data] })
}

/** Ends the hold of a title's score: all, some or none of the held reviews count. @throws AppError 404, 409, 422 */
export function releaseTitle(
  ctx: ModerationContext,
  actor: Actor,
  movieId: string,
  { count, review_ids: reviewIds = [], reason }: ReleaseBody,
): Promise<ReleaseOutcome> {
  if ((count === 'some') !== reviewIds.length > 0)
    throw invalidField('body.review_ids', 'goes with `some`, which needs it')
  return inTx(ctx, async (tx) => {
    const { counted, rejected } = await releaseScore(tx, actor, movieId, { count, reviewIds, reason })
    const ids = rejected.map(({ id }) => id)
    const resolution = 'content_removed'
    await tellReporters(tx, await resolveReportsOf(tx.db, ids, { resolution, note: null, by: actor.id }), resolution)
    const record = {
      kind: 'burst',
      moderator_id: actor.id,
      movie_id: movieId,
      reason,
      before: { exclusion: 'held' },
    } as const
    await insertDecisions(tx.db, [
      { ...record, decision: count, after: { counted: counted.length, rejected: rejected.length } },
      ...counted.map(({ id, user_id }) => ({
        ...{ ...record, decision: 'count', review_id: id, author_id: user_id, after: { exclusion: null } },
      })),
      ...rejected.map(({ id, user_id }) => ({
        ...{
          ...record,
          decision: 'reject',
          review_id: id,
          author_id: user_id,
          after: { moderation_status: 'rejected' },
        },
      })),
    ])
    return { movie_id: movieId, counted: counted.length, rejected: rejected.length }
  })
}
