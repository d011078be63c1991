import { describe, expect, it } from 'vitest'
import { hasRole, roles } from '../../src/lib/actor.ts'
import { AppError, defineError, invalidField } from '../../src/lib/errors.ts'

describe('an error kind', () => {
  const reviewExists = defineError('review_exists', 409, 'You have already reviewed this title.')

  it('is made with its code, status and sentence', () => {
    expect(reviewExists()).toBeInstanceOf(AppError)
    expect(reviewExists()).toMatchObject({ code: 'review_exists', status: 409, headers: {}, details: undefined })
    expect(reviewExists().message).toBe('You have already reviewed this title.')
  })

  it('takes a better sentence, headers and the cause', () => {
    const cause = new Error('duplicate key')
    const error = reviewExists({ message: 'Only one.', headers: { 'retry-after': '1' }, cause })
    expect(error).toMatchObject({ message: 'Only one.', headers: { 'retry-after': '1' }, cause })
  })

  it('names a wrong field', () => {
    expect(invalidField('body.title', 'is empty')).toMatchObject({
      code: 'validation_error',
      status: 422,
      details: [{ field: 'body.title', message: 'is empty' }],
    })
  })
})

describe('roles', () => {
  it('nest', () => {
    for (const [rank, role] of roles.entries())
      for (const [leastRank, least] of roles.entries()) expect(hasRole(role, least)).toBe(rank >= leastRank)
  })
})
