import { queueNames } from '../../lib/queue-table.ts'
import {
  Cursor,
  closed,
  Limit,
  named,
  nullable,
  oneOf,
  pageOf,
  refTo,
  Timestamp,
  WholeLimit,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

const count = (description: string) => Type.Integer({ minimum: 0, description })

const exampleQueue = {
  name: 'mail',
  concurrency: 5,
  rate: { jobs: 20, seconds: 1 },
  waiting: 3,
  active: 5,
  delayed: 1,
  dead: 2,
  schedules: [],
}

export const JobQueue = named(
  'JobQueue',
  closed(
    {
      name: Type.String(),
      concurrency: Type.Integer({ description: 'Jobs that one process of the worker does at a time.' }),
      rate: Type.Union([closed({ jobs: Type.Integer(), seconds: Type.Number() }), Type.Null()], {
        description: 'Jobs that all processes together begin in so many seconds; null for as many as there are.',
      }),
      waiting: count('Jobs that could begin now.'),
      active: count('Jobs that are being done.'),
      delayed: count('Jobs that will be tried again, or are due later.'),
      dead: count('Jobs that will not be tried again.'),
      schedules: Type.Array(closed({ name: Type.String(), every_minutes: Type.Number(), next_at: Timestamp }), {
        description: 'What becomes a job of this queue again and again, the next first.',
      }),
    },
    { examples: [exampleQueue] },
  ),
)
export type JobQueue = Static<typeof JobQueue>

export const JobQueueList = pageOf(refTo(JobQueue), {
  examples: [{ data: [exampleQueue], page: { limit: 100, next_cursor: null, total: null } }],
})

export const JobQueuesQuery = closed({ limit: WholeLimit })
export type JobQueuesQuery = Static<typeof JobQueuesQuery>

const exampleJob = {
  id: 'evt-0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77-mail-verification',
  queue: 'mail',
  name: 'mail-verification',
  event: 'email.verification_requested',
  data: {
    event: 'email.verification_requested',
    id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77',
    payload: { user_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b12' },
    request_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4c31',
  },
  reason: '550 no such mailbox',
  attempts: 1,
  added_at: '2026-11-21T10:00:00.000Z',
  died_at: '2026-11-21T10:00:01.300Z',
}

export const DeadJob = named(
  'DeadJob',
  closed(
    {
      id: Type.String(),
      queue: Type.String(),
      name: Type.String({ description: 'The subscriber or the schedule.' }),
      event: nullable(Type.String({ description: 'What the subscriber reacts to; null for a schedule.' })),
      data: Type.Unsafe<Record<string, unknown>>({
        type: 'object',
        additionalProperties: true,
        description: 'What the job carries, as it was published.',
      }),
      reason: Type.String({ description: 'The message of the last failure.' }),
      attempts: Type.Integer(),
      added_at: Timestamp,
      died_at: Timestamp,
    },
    { examples: [exampleJob] },
  ),
)
export type DeadJob = Static<typeof DeadJob>

export const DeadJobList = pageOf(refTo(DeadJob), {
  examples: [{ data: [exampleJob], page: { limit: 20, next_cursor: null, total: null } }],
})

export const DeadJobsQuery = closed({
  queue: Type.Optional(oneOf(queueNames, { description: 'Those of this queue alone.' })),
  limit: Limit,
  cursor: Type.Optional(Cursor),
})
export type DeadJobsQuery = Static<typeof DeadJobsQuery>

export const JobQueueParams = closed({ queue: oneOf(queueNames) })

export const DeadJobParams = closed({
  queue: Type.String({ pattern: '^[a-z][a-z0-9-]*$', maxLength: 50, examples: ['mail'] }),
  job_id: Type.String({ pattern: '^[A-Za-z0-9_.:-]+$', maxLength: 200, examples: [exampleJob.id] }),
})
export type DeadJobParams = Static<typeof DeadJobParams>

export const jobSchemas = [JobQueue, DeadJob]
