// Started as a process of its own by a test: a worker that is killed right after a handler's effect has committed.
import { sql } from 'kysely'
import { loadConfig, processEnvironment } from '../../src/config.ts'
import { openContext } from '../../src/context.ts'
import { eventNames } from '../../src/infra/event-check.ts'
import { firstTime } from '../../src/infra/handled-events.ts'
import { openQueues } from '../../src/infra/queues.ts'
import { inTx } from '../../src/infra/tx.ts'
import { startDelivery } from '../../src/worker/delivery.ts'
import type { Subscribers } from '../../src/worker/subscriber-jobs.ts'

const ctx = await openContext(loadConfig(processEnvironment()), 'lemonnpie-killed')
const nobody = Object.fromEntries(eventNames.map((name) => [name, []])) as unknown as Subscribers
startDelivery(
  ctx,
  {
    ...nobody,
    'title.created': [
      {
        id: 'killed',
        queue: 'queue-killed',
        handle: async (jobCtx, { id, payload }) => {
          await inTx(jobCtx, async (tx) => {
            if (!(await firstTime(tx.db, 'killed', id))) return
            await sql`insert into effects values ('killed', ${id}, ${payload.movie_id})`.execute(tx.db)
          })
          process.kill(process.pid, 'SIGKILL')
          await new Promise(() => {})
        },
      },
    ],
  },
  { queues: openQueues(ctx, { lock: 1_000, stalledInterval: 500 }) },
)
