import { createHmac, timingSafeEqual } from 'node:crypto'
import { invalidField } from './errors.ts'

/** The page part of every list's answer. */
export interface PageInfo {
  readonly limit: number
  readonly next_cursor: string | null
  readonly total: number | null
}

export interface Page<T> {
  readonly data: readonly T[]
  readonly page: PageInfo
}

/** A keyset position: the sort key's values of the last row seen, its id last. `null` stands for SQL's null. */
export type CursorKey = readonly (string | number | null)[]

const signatureBytes = 8

export const wrongCursor = () => invalidField('query.cursor', 'is not a cursor of this list')

const sign = (secret: string, scope: string, payload: Buffer): Buffer =>
  createHmac('sha256', secret).update(scope).update('\0').update(payload).digest().subarray(0, signatureBytes)

/**
 * Encodes a keyset position as an opaque cursor.
 * @param scope what the position belongs to (list, sort, order): a cursor of another list is refused
 */
export function encodeCursor(secret: string, scope: string, key: CursorKey): string {
  const payload = Buffer.from(JSON.stringify(key))
  return Buffer.concat([sign(secret, scope, payload), payload]).toString('base64url')
}

/**
 * Decodes what encodeCursor made.
 * @throws AppError 422 naming `query.cursor` when it was tampered with, or made for another list or sort
 */
export function decodeCursor(secret: string, scope: string, cursor: string): CursorKey {
  const bytes = Buffer.from(cursor, 'base64url')
  const payload = bytes.subarray(signatureBytes)
  const signature = bytes.subarray(0, signatureBytes)
  // Re-encoding refuses what base64url decoding forgives: stray characters and loose trailing bits.
  const intact =
    bytes.length > signatureBytes &&
    bytes.toString('base64url') === cursor &&
    timingSafeEqual(signature, sign(secret, scope, payload))
  if (!intact) throw wrongCursor()
  return JSON.parse(payload.toString()) as CursorKey
}

/**
 * Cuts the row too many, asked for to learn whether there is a next page, and points behind the last row kept.
 * @param rows at most `limit + 1` rows, in order
 */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  total: number | null,
  cursorOf: (last: T) => string,
): Page<T> {
  const data = rows.slice(0, limit)
  const last = data.at(-1)
  return { data, page: { limit, next_cursor: rows.length > limit && last ? cursorOf(last) : null, total } }
}

/** All that there is on one page: no cursor goes on after it. */
export const wholePage = <T>(data: T[], limit: number) => ({ data, page: { limit, next_cursor: null, total: null } })
