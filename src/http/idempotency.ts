import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OnceKey } from '../infra/idempotency.ts'
import { Type } from '../lib/typebox.ts'
import { actorOf } from './access.ts'

/** The header of a route whose request may be sent twice and is done once. */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description:
        'Of your making, such as a UUID: within 24 hours the same request under it is answered as the first time, and done ' +
        'once. Another request under it is a 422.',
      examples: ['6d3b2f0e-5c1a-4f7e-9a44-0d5f1c2b3a49'],
    }),
  ),
})

/** The request as `doOnce` knows it; undefined when it came without a key. */
export function onceKeyOf(request: FastifyRequest): OnceKey | undefined {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') return undefined
  const asked = JSON.stringify([request.method, request.url, request.body])
  return { userId: actorOf(request).id, key, requestHash: hash('sha256', asked, 'buffer') }
}

/** Says of an answer that it was given before. */
export const markReplayed = (reply: FastifyReply, replayed: boolean): FastifyReply =>
  replayed ? reply.header('idempotency-replayed', 'true') : reply
