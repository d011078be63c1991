import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/**
 * Sends a JSON text that is made while it is sent, as fast as its reader takes it. An error on the way cuts the answer
 * off, without the end that HTTP gives to whole ones.
 * @param fileName what browsers save it as
 */
export function sendJsonStream(reply: FastifyReply, chunks: AsyncIterable<string>, fileName: string): FastifyReply {
  return reply
    .header('cache-control', 'private, no-store')
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .header('content-type', 'application/json; charset=utf-8')
    .send(Readable.from(chunks, { highWaterMark: 1 }))
}
