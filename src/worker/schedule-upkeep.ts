import type { Ctx } from '../context.ts'
import { takeTurn } from '../infra/advisory-turn.ts'
import { setRepeated } from '../infra/queue-schedules.ts'
import type { Queues } from '../infra/queues.ts'
import { inTx } from '../infra/tx.ts'
import { scheduleQueue } from '../lib/queue-table.ts'
import type { Schedule } from './schedules.ts'

export interface KeptSchedules {
  readonly stop: () => Promise<void>
}

/** Looks of which each but the first only puts back what is missing; then one more takes out what nobody knows. */
const looksPerHour = 60

/**
 * Keeps the schedules in their queue: at once, and then every minute, since the queue may have lost them. Those that the
 * code has no more are taken out at the start and hourly: not each minute, or two versions at work during a deployment
 * would take out each other's.
 */
export function keepSchedules(
  ctx: Ctx,
  schedules: readonly Schedule[],
  queues: Pick<Queues, 'queueOf'>,
  everyMilliseconds = 60_000,
): KeptSchedules {
  const wanted = schedules.map(({ name, everyMinutes }) => ({ name, everyMilliseconds: everyMinutes * 60_000 }))
  let looks = 0
  let away = false
  let looking: Promise<void> | null = null

  async function look(): Promise<void> {
    try {
      await inTx(ctx, async ({ db }) => {
        // Two that put in the same one at once would make two first runs of it.
        if (!(await takeTurn(db, 'schedules'))) return
        await setRepeated(await queues.queueOf(scheduleQueue), wanted, looks % looksPerHour === 0)
        looks += 1
      })
      if (away) ctx.log.info('schedules are kept again')
      away = false
    } catch (error) {
      if (!away) ctx.log.error({ err: error }, 'schedules cannot be kept; those in the queue go on')
      away = true
    }
    looking = null
  }
  const wake = (): void => {
    looking ??= look()
  }

  const timer = setInterval(wake, everyMilliseconds)
  wake()
  return {
    stop: async () => {
      clearInterval(timer)
      await looking
    },
  }
}
