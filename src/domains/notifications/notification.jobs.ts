import type { EventName } from '../../events.ts'
import type { Handler, Happened, JobCtx } from '../../infra/event-handler.ts'
import { firstTime } from '../../infra/handled-events.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import { isUuid } from '../../lib/schemas.ts'
import { type FanOutKind, giveUpFanOut } from './fan-out.queries.ts'
import { beginFanOut, goOn } from './fan-out.service.ts'
import { settleAct } from './group.service.ts'
import { forgetActor, forgetAnnouncement, forgetTitle, settleRelease, settleReview } from './stale.service.ts'
import { findReviewState, isOwnReport } from './subject.queries.ts'
import { tell } from './tell.service.ts'

const queue = 'notifications'

/** Something that happens once: its effect and its mark commit together. */
const once = <N extends EventName>(
  id: string,
  work: (tx: TxCtx<JobCtx>, payload: Happened<N>['payload']) => Promise<unknown>,
): { id: string; queue: string; handle: Handler<N> } => ({
  id,
  queue,
  handle: (ctx, event) =>
    inTx(ctx, async (tx) => {
      if (await firstTime(tx.db, id, event.id)) await work(tx, event.payload)
    }),
})

/** Something that brings what was told to how things stand, however often it is done, in many small transactions. */
const settling = <N extends EventName>(
  id: string,
  work: (ctx: JobCtx, payload: Happened<N>['payload']) => Promise<unknown>,
): { id: string; queue: string; handle: Handler<N> } => ({
  id,
  queue,
  handle: async (ctx, { payload }) => {
    await work(ctx, payload)
  },
})

type Follow = { readonly follower_id: string; readonly followee_id: string }
const settleFollow = (tx: TxCtx<JobCtx>, { follower_id, followee_id }: Follow) =>
  settleAct(tx, { type: 'new_follower', user_id: followee_id, actor_id: follower_id, review_id: null }, null)

export const notifyFollowed = once<'user.followed'>('notify-followed', settleFollow)
export const notifyUnfollowed = once<'user.unfollowed'>('notify-unfollowed', settleFollow)

type Vote = { readonly review_id: string; readonly user_id: string }
async function settleVote(tx: TxCtx<JobCtx>, { review_id, user_id: actor_id }: Vote): Promise<void> {
  const review = await findReviewState(tx.db, review_id)
  if (!review?.author_id) return
  const act = { type: 'review_helpful', user_id: review.author_id, actor_id, review_id } as const
  await settleAct(tx, act, review.movie_id)
}

export const notifyHelpful = once<'review.voted'>('notify-helpful', settleVote)
export const notifyVoteTakenBack = once<'review.unvoted'>('notify-vote-taken-back', settleVote)

type OfReview = { readonly review_id: string }
const settled = (ctx: JobCtx, { review_id }: OfReview) => settleReview(ctx, review_id)

export const notifyFollowers = settling<'review.published'>('notify-followers', settled)
export const settleEdited = settling<'review.updated'>('notify-of-edit', settled)
export const settleModerated = settling<'review.moderated'>('notify-of-decision', settled)
export const settleDeleted = settling<'review.deleted'>('notify-of-deletion', settled)

export const notifyModerated = once<'review.moderated'>('notify-author', async (tx, payload) => {
  const { author_id, review_id, movie_id, decision } = payload
  if (author_id === null) return
  // An edit may have come between, and put a word of its own in its place.
  const told = 'reason' in payload ? payload.reason : (await findReviewState(tx.db, review_id))?.moderation_reason
  const reason = told ?? undefined
  await tell(tx, 'review_moderated', [author_id], { review_id, movie_id, data: { decision, reason } })
})

export const notifyRemoved = once<'review.deleted'>('notify-author-of-removal', async (tx, payload) => {
  const { author_id, review_id, movie_id, actor_id } = payload
  if (author_id === null || author_id === actor_id) return
  await tell(tx, 'review_moderated', [author_id], { review_id, movie_id, data: { decision: 'delete' } })
})

export const notifyReporter = once<'report.resolved'>('notify-reporter', async (tx, payload) => {
  const { report_id, reporter_id, review_id, resolution } = payload
  if (reporter_id === null || (await isOwnReport(tx.db, report_id))) return
  const movie_id = review_id === null ? undefined : (await findReviewState(tx.db, review_id))?.movie_id
  await tell(tx, 'report_resolved', [reporter_id], { movie_id: movie_id ?? null, data: { report_id, resolution } })
})

export const notifyWarned = once<'user.warned'>('notify-warned', (tx, { user_id, review_id, reason }) =>
  tell(tx, 'system', [user_id], { review_id, data: { notice: 'warning', reason } }),
)

export const notifySuspended = once<'user.suspended'>('notify-suspended', (tx, { user_id, until, reason }) =>
  tell(tx, 'system', [user_id], { data: { notice: 'suspension', until, reason } }),
)
export const forgetSuspended = settling<'user.suspended'>('forget-suspended', (ctx, { user_id }) =>
  forgetActor(ctx, user_id),
)
export const forgetErased = settling<'user.erased'>('forget-erased', (ctx, { user_id }) => forgetActor(ctx, user_id))

export const partBlocked = settling<'user.blocked'>('part-blocked', async (ctx, { blocker_id, blocked_id }) => {
  await forgetActor(ctx, blocked_id, blocker_id)
  await forgetActor(ctx, blocker_id, blocked_id)
})

export const notifyRole = once<'user.role_changed'>('notify-role', (tx, { user_id, role, former_role }) =>
  tell(tx, 'role_changed', [user_id], { data: { role, former_role } }),
)

export const notifyWatchers = settling<'title.updated'>('notify-watchers', (ctx, { movie_id }) =>
  settleRelease(ctx, movie_id),
)
export const forgetDeletedTitle = settling<'title.deleted'>('forget-title', (ctx, { movie_id }) =>
  forgetTitle(ctx, movie_id),
)

export const forgetCalledOff = settling<'announcement.called_off'>('forget-called-off', (ctx, { announcement_id }) =>
  forgetAnnouncement(ctx, announcement_id),
)

/** The jobs that tell many, by the kind of what they tell of, and where their payload says which it is. */
const fanOutJobs: Readonly<Record<string, readonly [kind: FanOutKind, field: string]>> = {
  'notify-followers': ['review', 'review_id'],
  'notify-of-edit': ['review', 'review_id'],
  'notify-of-decision': ['review', 'review_id'],
  'notify-watchers': ['release', 'movie_id'],
  'notify-audience': ['announcement', 'announcement_id'],
}

/** Who drops the job gives up what it was telling, or the schedule would take it up again for ever. */
export const giveUpTelling = {
  ...once<'job.dropped'>('give-up-telling', async (tx, { job, payload }) => {
    const [kind, field] = fanOutJobs[job]!
    const subject_id = (payload as Readonly<Record<string, unknown>> | null)?.[field]
    if (typeof subject_id === 'string' && isUuid(subject_id)) await giveUpFanOut(tx.db, { kind, subject_id })
  }),
  wants: ({ job }: { readonly job: string }) => job in fanOutJobs,
}

export const notifyAudience = settling<'announcement.made'>('notify-audience', async (ctx, { announcement_id }) => {
  const fanOut = { kind: 'announcement', subject_id: announcement_id } as const
  await inTx(ctx, (tx) => beginFanOut(tx, fanOut))
  await goOn(ctx, fanOut)
})
