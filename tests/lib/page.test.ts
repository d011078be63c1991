import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/lib/errors.ts'
import { decodeCursor, encodeCursor, toPage } from '../../src/lib/page.ts'

const secret = 'a secret of tests'
const keys = fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { minLength: 1, maxLength: 4 })

describe('a cursor', () => {
  it('comes back as the key that went in', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(decodeCursor(secret, 'movies', encodeCursor(secret, 'movies', key))).toEqual(key)
      }),
    )
  })

  it('is refused when any of it was changed', () => {
    const cursor = encodeCursor(secret, 'movies', ['2018-12-21', 'king-of-boys'])
    fc.assert(
      fc.property(fc.nat(cursor.length - 1), fc.constantFrom(...'abcXYZ019-_ =%'), (at, character) => {
        const tampered = cursor.slice(0, at) + character + cursor.slice(at + 1)
        if (tampered === cursor) return
        expect(() => decodeCursor(secret, 'movies', tampered)).toThrow(AppError)
      }),
    )
  })

  it('is refused by another list, under another secret, and when it is none at all', () => {
    const cursor = encodeCursor(secret, 'movies', [1])
    for (const attempt of [
      () => decodeCursor(secret, 'series', cursor),
      () => decodeCursor('another', 'movies', cursor),
      () => decodeCursor(secret, 'movies', ''),
      () => decodeCursor(secret, 'movies', 'MTIz'),
    ])
      expect(attempt).toThrow(
        expect.objectContaining({ status: 422, details: [expect.objectContaining({ field: 'query.cursor' })] }),
      )
  })
})

describe('a page', () => {
  const cursorOf = (row: number) => `after ${row}`

  it('points behind its last row when there is one more', () => {
    expect(toPage([1, 2, 3], 2, null, cursorOf)).toEqual({
      data: [1, 2],
      page: { limit: 2, next_cursor: 'after 2', total: null },
    })
  })

  it('has no next one otherwise', () => {
    expect(toPage([1, 2], 2, 2, cursorOf).page).toEqual({ limit: 2, next_cursor: null, total: 2 })
    expect(toPage([], 2, 0, cursorOf)).toEqual({ data: [], page: { limit: 2, next_cursor: null, total: 0 } })
  })
})
