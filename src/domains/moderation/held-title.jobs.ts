import type { Handler } from '../../infra/event-handler.ts'
import { releaseRest } from './held-title.service.ts'

/** Carries on with a decision on held reviews from where it stands, in many small transactions, however often it is begun. */
export const releaseHeld = {
  id: 'release-held',
  queue: 'catalog',
  handle: (ctx, { payload }) => releaseRest(ctx, payload),
} as const satisfies { id: string; queue: string; handle: Handler<'title.score_decided'> }
