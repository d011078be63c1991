import type { Ctx } from '../context.ts'
import { pruneSignIns } from '../domains/auth/prune.jobs.ts'
import { refreshTrendingScores } from '../domains/catalog/trending.jobs.ts'
import {
  mendHeldNotifications,
  pruneOldNotifications,
  sendDigests,
  tellOfReleases,
} from '../domains/notifications/upkeep.jobs.ts'
import {
  forgetRemovedReviews,
  pruneKeptAnswers,
  reconcileReviews,
  refreshRatingPrior,
  refreshTrendingReviews,
} from '../domains/reviews/review-stats.jobs.ts'
import { refreshSearchStatistics } from '../domains/search/search.jobs.ts'
import { reconcileFollows } from '../domains/social/social-counts.jobs.ts'

export interface Schedule {
  /** Its name for good: its runs are jobs of this name. */
  readonly name: string
  readonly everyMinutes: number
  /** Reads or writes much: heavy ones wait for each other. */
  readonly heavy?: true
  readonly run: (ctx: Ctx) => Promise<void>
}

/**
 * What is done again and again: once each time, however many workers there are. A run that died is begun again, so each
 * sees to it that a second one does no harm.
 */
export const schedules: readonly Schedule[] = [
  // As long as the list of trending titles is cached.
  { name: 'refresh-trending', everyMinutes: 15, heavy: true, run: refreshTrendingScores },
  { name: 'refresh-search-statistics', everyMinutes: 24 * 60, heavy: true, run: refreshSearchStatistics },
  { name: 'refresh-trending-reviews', everyMinutes: 15, heavy: true, run: refreshTrendingReviews },
  { name: 'refresh-rating-prior', everyMinutes: 10, heavy: true, run: refreshRatingPrior },
  { name: 'reconcile-reviews', everyMinutes: 6 * 60, heavy: true, run: reconcileReviews },
  { name: 'reconcile-follows', everyMinutes: 6 * 60, heavy: true, run: reconcileFollows },
  { name: 'prune-kept-answers', everyMinutes: 60, run: pruneKeptAnswers },
  { name: 'forget-removed-reviews', everyMinutes: 24 * 60, run: forgetRemovedReviews },
  { name: 'send-digests', everyMinutes: 1, run: sendDigests },
  { name: 'tell-of-releases', everyMinutes: 5, run: tellOfReleases },
  { name: 'mend-held-notifications', everyMinutes: 15, run: mendHeldNotifications },
  { name: 'prune-notifications', everyMinutes: 24 * 60, heavy: true, run: pruneOldNotifications },
  { name: 'prune-sign-ins', everyMinutes: 60, run: pruneSignIns },
]
