import { expect, it } from 'vitest'
import { beforeFilms, futureProblem } from '../../../src/domains/social/watching.policy.ts'

it.each([
  ['2026-11-21T22:59:00Z', '2026-11-21', true],
  ['2026-11-21T22:59:00Z', '2026-11-22', false],
  ['2026-11-21T23:01:00Z', '2026-11-22', true],
  ['2026-11-21T23:01:00Z', '2026-11-23', false],
  ['2026-12-31T23:01:00Z', '2027-01-01', true],
])('at %s it may have been watched on %s: %s', (now, day, isPossible) => {
  const problem = futureProblem(day, new Date(now))
  expect(problem?.details ?? null).toEqual(
    isPossible ? null : [{ field: 'body.watched_on', message: 'must not be in the future' }],
  )
})

it.each([
  ['0000-01-01', false],
  ['0001-01-01', false],
  ['1894-12-31', false],
  ['1895-01-01', true],
  [undefined, true],
])('nothing was watched before there were films: %s', (day, isPossible) => {
  const problem = beforeFilms('query.watched_on', day)
  expect(problem?.details ?? null).toEqual(
    isPossible ? null : [{ field: 'query.watched_on', message: 'must not be before 1895-01-01' }],
  )
})
