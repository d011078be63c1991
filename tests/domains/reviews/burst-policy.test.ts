import { describe, expect, it } from 'vitest'
import { countTail, findBurst, shareTail } from '../../../src/domains/reviews/burst.policy.ts'
import { attacks, holdsOf, honest } from '../../support/burst-scenarios.ts'

const seeds = 60

describe('tails', () => {
  it('are those of the distributions', () => {
    // Sums of the probability functions, computed with exact fractions.
    expect(countTail(0, 3, 4)).toBeCloseTo(1, 7)
    expect(countTail(1, 4, 1)).toBeCloseTo(0.8, 7)
    expect(countTail(3, 4, 1)).toBeCloseTo(0.512, 7)
    expect(shareTail(0, 5, 1, 1)).toBeCloseTo(1, 7)
    expect(shareTail(4, 5, 1, 1)).toBeCloseTo(2 / 6, 7)
    expect(shareTail(5, 5, 2, 3)).toBeCloseTo((2 * 3 * 4 * 5 * 6) / (5 * 6 * 7 * 8 * 9), 7)
  })
})

describe('honest reviews', () => {
  it.each(Object.keys(honest))('are never held: %s', (name) => {
    expect(holdsOf(honest[name]!, seeds).held).toBe(0)
  })

  it('that are few are never held, whatever they say', () => {
    const recent = Array.from({ length: 14 }, (_, index) => [index / 10, 1] as const)
    const rating_counts = [14, 0, 0, 0, 0, 3, 4, 2, 0, 0]
    const arrivals = { rating_counts, recent, oldest_age: 9_000, release_age: 20_000, decided_age: null }
    expect(findBurst(arrivals)).toBeNull()
  })
})

describe('attacks', () => {
  it.each(Object.keys(attacks))('are held: %s', (name) => {
    const { held, attackers } = holdsOf(attacks[name]!.scenario, seeds)
    expect(held / seeds).toBeGreaterThanOrEqual(attacks[name]!.least)
    // Held early: before as many as half of them are in.
    expect(attackers[Math.floor(attackers.length / 2)]).toBeLessThanOrEqual(attacks[name]!.median)
  })

  it('are not found again in what a moderator has looked at', () => {
    const recent = Array.from({ length: 60 }, (_, index) => [1 + index / 30, 1] as const)
    const arrivals = { rating_counts: [60, 0, 0, 0, 0, 0, 9, 0, 0, 0], recent, oldest_age: 9_000, release_age: 20_000 }
    expect(findBurst({ ...arrivals, decided_age: null })).toMatchObject({ extreme: 'low', extremes: 60, reviews: 60 })
    expect(findBurst({ ...arrivals, decided_age: 0.5 })).toBeNull()
  })
})
