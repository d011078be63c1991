import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { pageHeaders } from './security.ts'

/** Where the board is; whatever is below is for administrators with its cookie. */
export const boardPath = '/job-board'

type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0]

/** Its page has a base address and an inline style. */
const boardPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"

/**
 * Bull-board over some queues, as an app of its own that listens nowhere: it declares routes, a view and an error handler
 * that are not ours, and the guard stands before it in one place.
 */
export async function openBoard(queues: readonly BoardQueue[]): Promise<FastifyInstance> {
  const board = fastify({ logger: false, routerOptions: { maxParamLength: 500 } })
  const serverAdapter = new FastifyAdapter()
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue)),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'LemonNPie jobs' } },
  })
  serverAdapter.setBasePath(boardPath)
  await board.register(serverAdapter.registerPlugin(), { prefix: boardPath })
  await board.ready()
  return board
}

/** Fonts from elsewhere, which the policy would refuse, and the browser say so each time. */
const foreignFonts = /<link href="https:[^>]*>/g

const passedOn = ['content-type', 'etag', 'last-modified'] as const

/** Answers with what the board answers to the same address. */
export async function answerFromBoard(board: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
  const answer = await board.inject({ method: 'GET', url: request.url })
  const headers = passedOn.flatMap((name) => (answer.headers[name] ? [[name, answer.headers[name]]] : []))
  const isPage = String(answer.headers['content-type']).startsWith('text/html')
  return reply
    .code(answer.statusCode)
    .headers({ ...pageHeaders, 'content-security-policy': boardPolicy, 'cache-control': 'no-store' })
    .headers(Object.fromEntries(headers))
    .send(isPage ? answer.body.replace(foreignFonts, '') : answer.rawPayload)
}
