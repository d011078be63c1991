import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import { browseDeadJobs } from './dead-job-list.service.ts'
import {
  DeadJob,
  DeadJobList,
  DeadJobParams,
  DeadJobsQuery,
  JobQueueList,
  JobQueuesQuery,
  jobSchemas,
} from './job.schemas.ts'
import { browseJobQueues, dropDeadJob, retryDeadJob, viewDeadJob } from './job.service.ts'

const config = { access: 'admin' } as const
const tags = ['Operations']
const oneJob = '/admin/job-queues/:queue/dead-jobs/:job_id'

/** The job queues, and what is to become of the jobs that failed for good. */
export function jobRoutes(app: App): void {
  addSchemas(app, jobSchemas)
  app.get(
    '/admin/job-queues',
    {
      config,
      schema: {
        operationId: 'listJobQueues',
        tags,
        summary: 'List the job queues with what is in them',
        querystring: JobQueuesQuery,
        response: { 200: JobQueueList, ...problems(403, 422) },
      },
    },
    async (request) => browseJobQueues(request.ctx, request.query),
  )

  app.get(
    '/admin/dead-jobs',
    {
      config,
      schema: {
        operationId: 'listDeadJobs',
        tags,
        summary: 'List jobs that will not be tried again',
        description: 'Those that died last first. They are kept for 30 days.',
        querystring: DeadJobsQuery,
        response: { 200: DeadJobList, ...problems(403, 422) },
      },
    },
    async (request) => browseDeadJobs(request.ctx, request.query),
  )

  app.get(
    oneJob,
    {
      config,
      schema: {
        operationId: 'getDeadJob',
        tags,
        summary: 'Get one job that will not be tried again',
        params: DeadJobParams,
        response: { 200: refTo(DeadJob), ...problems(403, 404, 422) },
      },
    },
    async (request) => viewDeadJob(request.ctx, request.params),
  )

  app.post(
    `${oneJob}/retry`,
    {
      config,
      schema: {
        operationId: 'retryDeadJob',
        tags,
        summary: 'Have a dead job done again',
        description: 'From its first attempt, and as soon as the worker gets to it. Answers the job as it was.',
        params: DeadJobParams,
        response: { 200: refTo(DeadJob), ...problems(403, 404, 409, 422) },
      },
    },
    async (request) => retryDeadJob(request.ctx, actorOf(request), request.params),
  )

  app.delete(
    oneJob,
    {
      config,
      schema: {
        operationId: 'dropDeadJob',
        tags,
        summary: 'Give a dead job up',
        description: 'For good: its event counts as handled by this subscriber.',
        params: DeadJobParams,
        response: { ...deleted, ...problems(403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await dropDeadJob(request.ctx, actorOf(request), request.params)
      return reply.code(204).send(null)
    },
  )
}
