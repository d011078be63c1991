import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { firstTime } from '../../infra/handled-events.ts'
import { publish } from '../../infra/outbox.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { notFound } from '../../lib/errors.ts'
import { wholePage } from '../../lib/page.ts'
import { policyOf, queueNames, scheduleQueue } from '../../lib/queue-table.ts'
import { isUuid } from '../../lib/schemas.ts'
import { jobNotDead } from './job.errors.ts'
import type { DeadJob, DeadJobParams, JobQueue, JobQueuesQuery } from './job.schemas.ts'

type Found = NonNullable<Awaited<ReturnType<Needs<'queueDesk'>['queueDesk']['findDead']>>>

/** Who acts on a job, as the audit log writes it down. */
export type JobContext = Needs<'db' | 'queueDesk'> & {
  readonly requestId?: string | undefined
  readonly client?: Client | undefined
}

const timestampOf = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** The event that a job is about; null for the run of a schedule. */
function eventOf({ data }: Pick<Found, 'data'>): { readonly name: string; readonly id: string } | null {
  const { event, id } = (data ?? {}) as Record<string, unknown>
  return typeof event === 'string' && typeof id === 'string' && isUuid(id) ? { name: event, id } : null
}

export const deadJobOf = (job: Found): DeadJob => ({
  id: job.id,
  queue: job.queue,
  name: job.name,
  event: eventOf(job)?.name ?? null,
  data: job.data as Record<string, unknown>,
  reason: job.reason,
  attempts: job.attempts,
  added_at: timestampOf(job.addedAt),
  died_at: timestampOf(job.diedAt),
})

/** Every queue with its rules and what is in it. @throws AppError 503 */
export async function browseJobQueues({ queueDesk }: Needs<'queueDesk'>, { limit }: JobQueuesQuery) {
  const schedules = (await queueDesk.schedules()).map(({ key, every = 0, next = 0 }) => ({
    name: key,
    every_minutes: every / 60_000,
    next_at: timestampOf(next),
  }))
  const queues = await Promise.all(
    queueNames.map(async (name): Promise<JobQueue> => {
      const { failed, ...counts } = await queueDesk.counts(name)
      return { name, ...policyOf(name), ...counts, dead: failed, schedules: name === scheduleQueue ? schedules : [] }
    }),
  )
  return wholePage(queues.slice(0, limit), limit)
}

/** @throws AppError 404 when there is no such dead job, 503 */
async function getDead({ queueDesk }: Needs<'queueDesk'>, { queue, job_id }: DeadJobParams): Promise<Found> {
  const job = queueNames.includes(queue) ? await queueDesk.findDead(queue, job_id) : null
  if (!job) throw notFound({ message: 'There is no dead job of this id.' })
  return job
}

/** @throws AppError 404, 503 */
export const viewDeadJob = async (ctx: Needs<'queueDesk'>, params: DeadJobParams): Promise<DeadJob> =>
  deadJobOf(await getDead(ctx, params))

const auditOf = (actor: Actor, action: string, job: Found) => ({
  action,
  actorId: actor.id,
  targetId: eventOf(job)?.id ?? null,
  details: { queue: job.queue, job_id: job.id, job: job.name, attempts: job.attempts },
})

/** Has a dead job done again from its first attempt. @throws AppError 404, 409, 503 */
export async function retryDeadJob(ctx: JobContext, actor: Actor, params: DeadJobParams): Promise<DeadJob> {
  const job = await getDead(ctx, params)
  await inTx(ctx, async (tx) => {
    await recordAudit(tx, auditOf(actor, 'job.retried', job))
    if (!(await ctx.queueDesk.retry(job.queue, job.id))) throw jobNotDead()
  })
  return deadJobOf(job)
}

/**
 * Gives a dead job up. Its event counts as handled then, or whoever looks for lost jobs would make it again. The job goes
 * last: if it cannot, nothing was done, and if the commit fails after it, the job is made again and was not given up.
 * @throws AppError 404, 409, 503
 */
export async function dropDeadJob(ctx: JobContext, actor: Actor, params: DeadJobParams): Promise<void> {
  const job = await getDead(ctx, params)
  const event = eventOf(job)
  await inTx(ctx, async (tx) => {
    if (event) await firstTime(tx.db, job.name, event.id)
    await recordAudit(tx, auditOf(actor, 'job.dropped', job))
    const { payload } = (job.data ?? {}) as { readonly payload?: unknown }
    if (event) await publish(tx, 'job.dropped', { job: job.name, event: event.name, payload: payload ?? null })
    if (!(await ctx.queueDesk.remove(job.queue, job.id))) throw jobNotDead()
  })
}
