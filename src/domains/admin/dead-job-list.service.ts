import type { Needs } from '../../context.ts'
import { decodeCursor, encodeCursor } from '../../lib/page.ts'
import { queueNames } from '../../lib/queue-table.ts'
import type { DeadJobsQuery } from './job.schemas.ts'
import { deadJobOf } from './job.service.ts'

type Desk = Needs<'queueDesk'>['queueDesk']
type Found = Awaited<ReturnType<Desk['listDead']>>[number]

/** Where a page ended: the time of its last job, and which jobs of that millisecond it and those before have given. */
interface Position {
  readonly diedAt: number
  readonly ids: readonly string[]
}

const isSeen = ({ diedAt, id }: Found, after: Position | null): boolean =>
  after !== null && (diedAt > after.diedAt || (diedAt === after.diedAt && after.ids.includes(id)))

/** A job of a queue and its place in the list at that moment. */
interface Placed {
  readonly job: Found
  readonly place: number
}

/**
 * The next jobs of a queue. A queue tells its list by place alone, and places move when jobs die or go; so the place is
 * taken for a hint, and what counts is when a job died.
 */
async function nextOf(
  desk: Desk,
  queue: string,
  after: Position | null,
  hint: number,
  most: number,
): Promise<Placed[]> {
  let start = hint
  for (let step = most; start > 0; step *= 2) {
    const [before] = await desk.listDead(queue, start - 1, 1)
    if (before && isSeen(before, after)) break
    start = Math.max(0, start - step)
  }
  const found: Placed[] = []
  for (;;) {
    const some = await desk.listDead(queue, start, most)
    found.push(...some.map((job, index) => ({ job, place: start + index })).filter(({ job }) => !isSeen(job, after)))
    start += most
    if (some.length === 0 || found.length >= most) return found.slice(0, most)
  }
}

/** Dead jobs of one queue or of all, those that died last first. @throws AppError 422, 503 */
export async function browseDeadJobs(
  { queueDesk, config }: Needs<'queueDesk' | 'config'>,
  { queue, limit, cursor }: DeadJobsQuery,
) {
  const queues = queue === undefined ? queueNames : [queue]
  const scope = `dead-jobs ${queues.join(' ')}`
  const [diedAt, ids, ...hints] = cursor === undefined ? [] : decodeCursor(config.JWT_SECRET, scope, cursor)
  const after = cursor === undefined ? null : { diedAt: Number(diedAt), ids: String(ids).split(' ') }
  const found = await Promise.all(
    queues.map((name, index) => nextOf(queueDesk, name, after, Number(hints[index] ?? 0), limit + 1)),
  )
  const sorted = found.flat().sort((one, other) => other.job.diedAt - one.job.diedAt)
  const rows = sorted.slice(0, limit)
  const last = rows.at(-1)?.job
  const next = (): string => {
    const given = rows.filter(({ job }) => job.diedAt === last!.diedAt).map(({ job }) => job.id)
    const before = after?.diedAt === last!.diedAt ? after.ids : []
    const places = queues.map((name, index) => {
      const places = rows.filter(({ job }) => job.queue === name).map(({ place }) => place + 1)
      return Math.max(Number(hints[index] ?? 0), ...places)
    })
    return encodeCursor(config.JWT_SECRET, scope, [last!.diedAt, [...before, ...given].join(' '), ...places])
  }
  return {
    data: rows.map(({ job }) => deadJobOf(job)),
    page: { limit, next_cursor: sorted.length > limit && last ? next() : null, total: null },
  }
}
