import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const wellFormed = /^[\w.:-]{1,128}$/

/** The caller's X-Request-Id when it is safe to log and return, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return given !== undefined && wellFormed.test(given as string) ? (given as string) : randomUUID()
}
