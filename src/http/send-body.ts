import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CachedBody } from '../infra/cache.ts'

/** Under this many bytes compression saves no packet worth its time. */
const compressionFloor = 1_024

const acceptsGzip = /(?:^|[\s,])gzip(?![^,]*;\s*q=0(?:\.0+)?\s*(?:,|$))/i

const opaque = (tag: string): string => (tag.startsWith('W/') ? tag.slice(2) : tag)

/** Whether an If-None-Match header names the tag, by weak comparison (RFC 9110, 13.1.2). */
export function matchesTag(header: string, etag: string): boolean {
  if (header === etag || header === '*') return true
  const wanted = opaque(etag)
  return header.split(',').some((candidate) => opaque(candidate.trim()) === wanted)
}

/**
 * What caches may do with an answer that is not the same for everybody: of nobody's in particular what is given, of an
 * account's nothing but ask again.
 */
export function forReader(request: FastifyRequest, reply: FastifyReply, cacheControl: string): string {
  const others = reply.getHeader('vary')
  reply.header('vary', others === undefined ? 'authorization' : `authorization, ${others}`)
  return request.actor === null ? cacheControl : 'private, no-cache'
}

/**
 * Sends an answer kept as bytes: 304 when the client has it, gzip when the client takes it and it is worth it.
 * @param cacheControl what browsers and shared caches may do with it
 */
export function sendBody(
  request: FastifyRequest,
  reply: FastifyReply,
  body: CachedBody,
  cacheControl: string,
  contentType = 'application/json; charset=utf-8',
): FastifyReply {
  const { headers } = request.raw
  const compressible = body.json.length >= compressionFloor
  const encodings = headers['accept-encoding']
  const zipped = compressible && encodings !== undefined && acceptsGzip.test(encodings as string)
  reply.header('cache-control', cacheControl)
  // The compressed bytes are another representation, which a strong tag may not stand for.
  reply.header('etag', zipped ? `W/${body.etag}` : body.etag)
  if (compressible) {
    const others = reply.getHeader('vary')
    reply.header('vary', others === undefined ? 'accept-encoding' : `accept-encoding, ${others}`)
  }
  const known = headers['if-none-match']
  if (known !== undefined && matchesTag(known, body.etag)) return reply.code(304).send()
  reply.header('content-type', contentType)
  if (!zipped) return reply.send(body.json)
  return reply.header('content-encoding', 'gzip').send(body.gzip())
}
