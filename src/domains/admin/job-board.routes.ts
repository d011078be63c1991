import type { FastifyInstance, FastifyRequest } from 'fastify'
import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { boardActorOf, requireOwnPage, setBoardCookie } from '../../http/board-cookie.ts'
import { answerFromBoard, boardPath, openBoard } from '../../http/job-board.ts'
import { jobBoardPage } from '../../http/job-board-page.ts'
import { limits } from '../../http/limits.ts'
import { pageHeaders } from '../../http/security.ts'
import { deleted, problems } from '../../lib/schemas.ts'
import { DeadJobParams, JobQueueParams } from './job.schemas.ts'
import { dropDeadJob, retryDeadJob } from './job.service.ts'
import { boardQueues, countDead, dropAllDead, noteBoardOpened, retryAllDead } from './job-board.service.ts'

/** Opening the board, by a token as everything else. */
export function jobBoardRoutes(app: App): void {
  app.post(
    '/admin/job-board-sessions',
    {
      config: { access: 'admin', rateLimit: limits.write },
      schema: {
        operationId: 'openJobBoard',
        tags: ['Operations'],
        summary: 'Open the board of the job queues to this browser',
        description:
          'Sets a cookie for `/job-board`, for 15 minutes. What it opens ends earlier with the session, the role or the account.',
        response: { ...deleted, ...problems(403, 422) },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      await noteBoardOpened(request.ctx, actor)
      const { tokenKid } = request as FastifyRequest
      setBoardCookie(request as FastifyRequest, reply, { sid: actor.sessionId!, sub: actor.id, kid: tokenKid! })
      return reply.code(204).send(null)
    },
  )
}

const config = { access: 'public', operational: true } as const
const api = `${boardPath}/api/queues/:queue`

/**
 * The board itself, behind its cookie: it shows everything, and of what its buttons do, retrying and dropping dead jobs
 * works, by the same code as over the API. The others (pausing, adding, obliterating …) reach no route.
 */
export function jobBoardPages(app: App): void {
  let opened: Promise<FastifyInstance> | undefined
  const board = (request: FastifyRequest): Promise<FastifyInstance> => {
    opened ??= boardQueues(request.ctx)
      .then(openBoard)
      .catch((error) => {
        opened = undefined
        throw error
      })
    return opened
  }
  app.addHook('onClose', async () => (await opened?.catch(() => undefined))?.close())

  app.get(boardPath, { config }, (_request, reply) =>
    reply
      .headers({ ...pageHeaders, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
      .send(jobBoardPage),
  )

  app.get(`${boardPath}/*`, { config }, async (request, reply) => {
    try {
      await boardActorOf(request)
    } catch (error) {
      const isForPerson = request.headers.accept?.includes('text/html') ?? false
      if (isForPerson && (error as { status?: number }).status === 403) return reply.redirect(boardPath, 303)
      throw error
    }
    return answerFromBoard(await board(request), request, reply)
  })

  const actor = (request: FastifyRequest) => {
    requireOwnPage(request)
    return boardActorOf(request)
  }

  app.put(`${api}/:job_id/retry`, { config, schema: { params: DeadJobParams } }, async (request, reply) => {
    await retryDeadJob(request.ctx, await actor(request as FastifyRequest), request.params)
    return reply.code(204).send(null)
  })

  app.put(`${api}/:job_id/clean`, { config, schema: { params: DeadJobParams } }, async (request, reply) => {
    await dropDeadJob(request.ctx, await actor(request as FastifyRequest), request.params)
    return reply.code(204).send(null)
  })

  app.put(`${api}/retry/failed`, { config, schema: { params: JobQueueParams } }, async (request) => {
    const who = await actor(request as FastifyRequest)
    const retried = await retryAllDead(request.ctx, who, request.params.queue)
    return { retried, skipped: await countDead(request.ctx, request.params.queue) }
  })

  app.put(`${api}/clean/failed`, { config, schema: { params: JobQueueParams } }, async (request) => {
    await dropAllDead(request.ctx, await actor(request as FastifyRequest), request.params.queue)
    return {}
  })
}
