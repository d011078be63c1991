import type { Ctx } from '../context.ts'
import { openQueues, type Queues } from '../infra/queues.ts'
import { startRelay } from './relay.ts'
import { startRunner } from './runner.ts'
import { keepSchedules } from './schedule-upkeep.ts'
import type { Schedule } from './schedules.ts'
import type { Subscribers } from './subscriber-jobs.ts'
import { pruneEvents, recheckEvents } from './upkeep.ts'

export interface DeliveryOptions {
  /** Closed with the delivery. */
  readonly queues?: Queues
  /** Beside those that the delivery itself needs. */
  readonly schedules?: readonly Schedule[]
  /** Seconds after which it is looked for the first time whether all have handled an event. */
  readonly recheckSeconds?: number
  /** Minutes between looks for what was lost: jobs, and schedules. */
  readonly lookMinutes?: number
}

/**
 * Everything between an event in the outbox and its subscribers: relay, queues, the handling of jobs; and the schedules.
 * `stop` ends it in the order in which nothing new arrives at what is still working.
 */
export function startDelivery(
  ctx: Ctx,
  subscribers: Subscribers,
  { queues = openQueues(ctx), schedules = [], recheckSeconds, lookMinutes = 1 }: DeliveryOptions = {},
): { readonly stop: () => Promise<void> } {
  const all: readonly Schedule[] = [
    ...schedules,
    { name: 'prune-events', everyMinutes: 60, run: pruneEvents },
    { name: 'recheck-events', everyMinutes: lookMinutes, run: () => recheckEvents(ctx, subscribers, queues) },
  ]
  const relay = startRelay(ctx, subscribers, queues, recheckSeconds)
  const kept = keepSchedules(ctx, all, queues, lookMinutes * 60_000)
  const runner = startRunner(ctx, subscribers, all, queues)
  return {
    stop: async () => {
      await Promise.all([relay.stop(), kept.stop()])
      await runner.stop()
      await queues.close()
    },
  }
}
