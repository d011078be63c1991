// Started as a process of its own, four times at once: a worker that kills itself in the middle of its next job when it
// is told to, before its effect, between the effect and the commit, or after the commit.
import { setTimeout as wait } from 'node:timers/promises'
import { loadConfig, processEnvironment } from '../../src/config.ts'
import { openContext } from '../../src/context.ts'
import type { Handler } from '../../src/infra/event-handler.ts'
import { firstTime } from '../../src/infra/handled-events.ts'
import { openQueues } from '../../src/infra/queues.ts'
import { inTx } from '../../src/infra/tx.ts'
import { startDelivery } from '../../src/worker/delivery.ts'
import { addEffect } from './delivery-effects.ts'
import { nobodyReacting, type StormOrder, stormConsumers } from './storm.ts'

const ctx = await openContext(loadConfig(processEnvironment()), 'lemonnpie-storm')
let order: StormOrder | null = null
process.on('message', (message) => {
  order = message as StormOrder
})

const reach = async (point: StormOrder): Promise<void> => {
  if (order !== point) return
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
}

const handlerOf =
  (consumer: string): Handler<'title.created'> =>
  async (jobCtx, { id, payload }) => {
    await reach('before')
    await wait(Math.random() * 10)
    await inTx(jobCtx, async (tx) => {
      if (!(await firstTime(tx.db, consumer, id))) return
      await addEffect(tx.db, { consumer, event_id: id, ...payload })
      await reach('between')
      if (consumer === 'storm-flaky' && Math.random() < 0.3) throw new Error('this time it goes wrong')
    })
    await reach('after')
  }

startDelivery(
  ctx,
  {
    ...nobodyReacting,
    'title.created': stormConsumers.map((id) => ({
      id,
      queue: id === 'storm-flaky' ? 'storm-flaky' : 'storm',
      handle: handlerOf(id),
    })),
  },
  {
    queues: openQueues(ctx, { attempts: 30, backOff: 20, lock: 1_000, stalledInterval: 500 }),
    recheckSeconds: 5,
    lookMinutes: 1 / 60,
  },
)
// Whoever started it has gone.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.send?.('ready')
