import type { Ctx } from '../context.ts'
import type { EventName, EventPayload } from '../events.ts'

/** Who reacts to an event. The `id` is its name for good: what was handled is remembered under it. */
export interface Subscriber<N extends EventName> {
  readonly id: string
  readonly queue: string
  readonly handle: (ctx: Ctx, event: { readonly id: string; readonly payload: EventPayload<N> }) => Promise<void>
}

/** Every event with those who react to it; a new event does not compile until it is listed, with [] if nobody cares. */
export const subscribers: { readonly [N in EventName]: readonly Subscriber<N>[] } = {
  'title.created': [],
  'title.updated': [],
  'title.deleted': [],
  'review.published': [],
  'review.updated': [],
  'review.deleted': [],
  'review.moderated': [],
  'review.voted': [],
  'review.flagged': [],
  'title.score_held': [],
  'title.score_released': [],
  'report.resolved': [],
  'user.warned': [],
  'user.suspended': [],
}
