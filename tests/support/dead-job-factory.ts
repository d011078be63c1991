import { randomUUID } from 'node:crypto'
import { PermanentError } from '../../src/infra/permanent-error.ts'
import { openQueues } from '../../src/infra/queues.ts'
import type { Maker } from './access-resources.ts'
import type { TestContext } from './context.ts'
import { until } from './delivery.ts'

/** Jobs of the queue `mail` that died of what they had to do, as jobs of events do. @returns their ids */
export async function makeDeadJobs(ctx: TestContext, howMany: number, event = 'title.created'): Promise<string[]> {
  const jobs = Array.from({ length: howMany }, () => {
    const data = { event, id: randomUUID(), payload: { movie_id: randomUUID() }, request_id: null }
    return { id: `evt-${data.id}-mail-nobody`, name: 'mail-nobody', data }
  })
  const queues = openQueues(ctx)
  await queues.add('mail', jobs)
  let died = 0
  const options = { concurrency: 10, rate: null, onFailed: () => void died++, onStalled: () => {} }
  const { stop } = queues.work('mail', options, async () => {
    throw new PermanentError('550 no such mailbox')
  })
  await until(() => died >= howMany)
  await stop()
  await queues.close()
  return jobs.map(({ id }) => id)
}

/** Making them one by one would take longer than all the rest of the matrix. */
const stocks = new WeakMap<object, Promise<string[]>>()

/** A dead job that nobody else has. */
export const deadJob: Maker = async ({ ctx }) => {
  const stock = await (stocks.get(ctx.db) ?? stocks.set(ctx.db, makeDeadJobs(ctx, 60)).get(ctx.db)!)
  const job_id = stock.pop()
  if (job_id === undefined) throw new Error('there are no more dead jobs')
  return { params: { queue: 'mail', job_id } }
}

export const mailQueue: Maker = () => ({ params: { queue: 'mail' } })
