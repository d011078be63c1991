import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { dropDeadJob, type JobContext, retryDeadJob } from './job.service.ts'

/** Writes down that somebody looks into the queues, where payloads of others can be read. */
export const noteBoardOpened = (ctx: Omit<JobContext, 'queueDesk'>, actor: Actor): Promise<void> =>
  inTx(ctx, (tx) => recordAudit(tx, { action: 'job_board.opened', actorId: actor.id }))

/** Most jobs that one press of a button is for, so that its request ends. */
const most = 100

/**
 * Does with all dead jobs of a queue, up to a hundred, what is done with one; the button can be pressed again.
 * @returns with how many it was done
 */
async function withAllDead(
  ctx: JobContext,
  queue: string,
  act: (params: { queue: string; job_id: string }) => Promise<unknown>,
): Promise<number> {
  const jobs = await ctx.queueDesk.listDead(queue, 0, most)
  let done = 0
  for (const { id } of jobs) {
    // Somebody else was quicker with those that are gone: 404 and 409.
    const wasDone = await act({ queue, job_id: id }).then(
      () => true,
      (error) => {
        if (error.status === 404 || error.status === 409) return false
        throw error
      },
    )
    if (wasDone) done += 1
  }
  return done
}

export const retryAllDead = (ctx: JobContext, actor: Actor, queue: string): Promise<number> =>
  withAllDead(ctx, queue, (params) => retryDeadJob(ctx, actor, params))

export const dropAllDead = (ctx: JobContext, actor: Actor, queue: string): Promise<number> =>
  withAllDead(ctx, queue, (params) => dropDeadJob(ctx, actor, params))

/** How many dead jobs there are. */
export const countDead = async ({ queueDesk }: Needs<'queueDesk'>, queue: string): Promise<number> =>
  (await queueDesk.counts(queue)).failed

/** The queues for the board, each connected. */
export const boardQueues = ({ queueDesk }: Needs<'queueDesk'>) => queueDesk.all()
