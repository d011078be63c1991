import type { Ctx } from '../context.ts'
import { openQueues, type QueueSettings } from '../infra/queues.ts'
import { startRelay } from './relay.ts'
import { startRunner } from './runner.ts'
import { startSchedules } from './schedules.ts'
import type { Subscribers } from './subscriber-jobs.ts'
import { pruneEvents, recheckEvents } from './upkeep.ts'

/**
 * Everything between an event in the outbox and its subscribers: relay, queues, the handling of jobs, and upkeep.
 * `stop` ends it in the order in which nothing new arrives at what is still working.
 */
export function startDelivery(
  ctx: Ctx,
  subscribers: Subscribers,
  settings: Partial<QueueSettings> = {},
): { readonly stop: () => Promise<void> } {
  const queues = openQueues(ctx, settings)
  const relay = startRelay(ctx, subscribers, queues)
  const runner = startRunner(ctx, subscribers, queues)
  const upkeep = startSchedules(ctx, [
    { name: 'prune-events', everyMinutes: 60, run: pruneEvents },
    { name: 'recheck-events', everyMinutes: 1, run: () => recheckEvents(ctx, subscribers, queues) },
  ])
  return {
    stop: async () => {
      await Promise.all([relay.stop(), upkeep.stop()])
      await runner.stop()
      await queues.close()
    },
  }
}
