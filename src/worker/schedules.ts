import type { Ctx } from '../context.ts'
import { pruneSignIns } from '../domains/auth/prune.jobs.ts'
import { refreshTrendingScores } from '../domains/catalog/trending.jobs.ts'
import { pruneOldNotifications, sendDigests, tellOfReleases } from '../domains/notifications/upkeep.jobs.ts'
import {
  pruneKeptAnswers,
  reconcileReviews,
  refreshRatingPrior,
  refreshTrendingReviews,
} from '../domains/reviews/review-stats.jobs.ts'
import { refreshSearchStatistics } from '../domains/search/search.jobs.ts'
import { reconcileFollows } from '../domains/social/social-counts.jobs.ts'

export interface Schedule {
  readonly name: string
  readonly everyMinutes: number
  readonly run: (ctx: Ctx) => Promise<void>
}

/** What is done again and again. Every process of the worker does it; each job sees to it that they don't at once. */
export const schedules: readonly Schedule[] = [
  // As long as the list of trending titles is cached.
  { name: 'refresh-trending', everyMinutes: 15, run: refreshTrendingScores },
  { name: 'refresh-search-statistics', everyMinutes: 24 * 60, run: refreshSearchStatistics },
  { name: 'refresh-trending-reviews', everyMinutes: 15, run: refreshTrendingReviews },
  { name: 'refresh-rating-prior', everyMinutes: 10, run: refreshRatingPrior },
  { name: 'reconcile-reviews', everyMinutes: 6 * 60, run: reconcileReviews },
  { name: 'reconcile-follows', everyMinutes: 6 * 60, run: reconcileFollows },
  { name: 'prune-kept-answers', everyMinutes: 60, run: pruneKeptAnswers },
  { name: 'send-digests', everyMinutes: 1, run: sendDigests },
  { name: 'tell-of-releases', everyMinutes: 5, run: tellOfReleases },
  { name: 'prune-notifications', everyMinutes: 24 * 60, run: pruneOldNotifications },
  { name: 'prune-sign-ins', everyMinutes: 60, run: pruneSignIns },
]

/** Runs each schedule at once and then every so many minutes; one that fails is logged and tried again at its next time. */
export function startSchedules(ctx: Ctx, all: readonly Schedule[] = schedules): { readonly stop: () => Promise<void> } {
  const running = new Set<Promise<void>>()
  const run = (schedule: Schedule): void => {
    const done = schedule
      .run(ctx)
      .catch((error) => ctx.log.error({ err: error, schedule: schedule.name }, 'a schedule failed'))
      .finally(() => running.delete(done))
    running.add(done)
  }
  const timers = all.map((schedule) => setInterval(run, schedule.everyMinutes * 60_000, schedule))
  for (const schedule of all) run(schedule)
  return {
    stop: async () => {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(running)
    },
  }
}
