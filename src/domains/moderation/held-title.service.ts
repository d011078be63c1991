import type { Needs } from '../../context.ts'
import type { EventPayload } from '../../events.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { invalidField } from '../../lib/errors.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { addTitleViewers } from '../catalog/title-viewer.service.ts'
import { type Released, releaseMore, releaseScore } from '../reviews/held-score.service.ts'
import { insertDecisions } from './decision.queries.ts'
import { type ModerationContext, tellReporters } from './decision.service.ts'
import { countHeldTitles, listHeldTitles } from './held-title.queries.ts'
import type { HeldTitlesQuery, ReleaseBody, ReleaseOutcome } from './held-title.schemas.ts'
import { resolveReportsOf } from './report-resolution.queries.ts'

/** Titles whose scores are held. */
export async function browseHeldTitles(ctx: Needs<'db' | 'hot' | 'config'>, actor: Actor, query: HeldTitlesQuery) {
  const { limit, cursor, include_total: includeTotal } = query
  const secret = ctx.config.JWT_SECRET
  const after =
    cursor === undefined ? undefined : (decodeCursor(secret, 'held-titles', cursor) as unknown as [string, string])
  const [rows, total] = await Promise.all([
    listHeldTitles(ctx.db, { rows: limit + 1, ...(after ? { after } : {}) }),
    includeTotal ? countHeldTitles(ctx.db) : null,
  ])
  const page = toPage(rows, limit, total, (last) => encodeCursor(secret, 'held-titles', [last.held_at, last.id]))
  return addTitleViewers(ctx, actor.id, { ...page, data: [...page.data] })
}

type RestContext = Needs<'db' | 'cache'> & { readonly requestId?: string | undefined }

interface Decided {
  readonly moderator_id: string
  readonly movie_id: string
  readonly reason: string
}

const recordOf = (decided: Decided) => ({ kind: 'burst', ...decided, before: { exclusion: 'held' } }) as const

/** Resolves the reports of what was rejected, and writes down what became of each. */
async function record(tx: TxCtx<RestContext>, decided: Decided, { counted, rejected }: Released): Promise<void> {
  const ids = rejected.map(({ id }) => id)
  const resolution = 'content_removed'
  const resolved = await resolveReportsOf(tx.db, ids, { resolution, note: null, by: decided.moderator_id })
  await tellReporters(tx, resolved, resolution)
  const of = ({ id, user_id }: Released['counted'][number]) => ({ review_id: id, author_id: user_id })
  await insertDecisions(tx.db, [
    ...counted.map((one) => ({ ...recordOf(decided), ...of(one), decision: 'count', after: { exclusion: null } })),
    ...rejected.map((one) => ({
      ...{ ...recordOf(decided), ...of(one), decision: 'reject', after: { moderation_status: 'rejected' } },
    })),
  ])
}

/**
 * Ends the hold of a title's score: all, all but some, some or none of the held reviews count. Of very many a worker sees
 * to the last, with `releaseRest`.
 * @throws AppError 404, 409, 422
 */
export function releaseTitle(
  ctx: ModerationContext,
  actor: Actor,
  movieId: string,
  { count, review_ids: reviewIds = [], except = [], reason }: ReleaseBody,
  most?: number,
): Promise<ReleaseOutcome> {
  if ((count === 'some') !== reviewIds.length > 0)
    throw invalidField('body.review_ids', 'goes with `some`, which needs it')
  if (count !== 'all' && except.length > 0) throw invalidField('body.except', 'goes with `all`')
  return inTx(ctx, async (tx) => {
    const { released, total } = await releaseScore(tx, actor, movieId, { count, reviewIds, except, reason }, most)
    const decided = { moderator_id: actor.id, movie_id: movieId, reason }
    const decision = except.length > 0 ? 'some' : count
    await insertDecisions(tx.db, [{ ...recordOf(decided), decision, after: total }])
    await record(tx, decided, released)
    return { movie_id: movieId, ...total }
  })
}

/** Sees to the reviews that `releaseTitle` left, some at a time, each time in a transaction of its own. */
export async function releaseRest(
  ctx: RestContext,
  decision: EventPayload<'title.score_decided'>,
  most?: number,
): Promise<void> {
  const { actor_id: moderator_id, movie_id, reason } = decision
  const some = () =>
    inTx(ctx, async (tx) => {
      const released = await releaseMore(tx, decision, most)
      if (released) await record(tx, { moderator_id, movie_id, reason }, released)
      return released !== null
    })
  while (await some()) {
    // Each turn is a transaction.
  }
}
