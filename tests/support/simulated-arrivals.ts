import { type Arrivals, type Burst, findBurst } from '../../src/domains/reviews/burst.policy.ts'

/** A review at an hour of the simulation; attackers are marked, which the policy never sees. */
export interface Arrival {
  readonly hour: number
  readonly rating: number
  readonly attacker?: boolean
}

export type Random = () => number

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random())

/** How honest people rate one title: around a mean, with some who only know 1 and 10. */
export interface Taste {
  readonly mean: number
  readonly spread: number
  readonly ones: number
  readonly tens: number
}

/** From films that nearly everybody hates to films that nearly everybody loves, and some that divide. */
export function randomTaste(random: Random): Taste {
  const mean = 3 + random() * 5.8
  const divides = random() < 0.15 ? 0.15 : 0
  return {
    mean,
    spread: 1.4 + random() * 0.9,
    ones: divides + 0.02 + 0.12 * random() * (1 - mean / 10),
    tens: divides + 0.03 + 0.25 * random() * (mean / 10),
  }
}

export function honestRating(random: Random, taste: Taste): number {
  const lot = random()
  if (lot < taste.ones) return 1
  if (lot < taste.ones + taste.tens) return 10
  return Math.min(10, Math.max(1, Math.round(taste.mean + taste.spread * normal(random))))
}

function poisson(random: Random, mean: number): number {
  const least = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > least; product *= random()) count += 1
  return count
}

export interface StreamOptions {
  readonly from: number
  readonly to: number
  readonly perHour: (hour: number) => number
  readonly rating: () => number
  readonly attacker?: boolean
}

/** Arrivals over some hours, more of them in the evening than at night. */
export function stream(random: Random, { from, to, perHour, rating, attacker = false }: StreamOptions): Arrival[] {
  const arrivals: Arrival[] = []
  for (let hour = from; hour < to; hour += 1) {
    const mean = perHour(hour) * (1 + 0.8 * Math.sin((2 * Math.PI * (hour - 14)) / 24))
    const count = poisson(random, mean)
    for (let each = 0; each < count; each += 1) arrivals.push({ hour: hour + random(), rating: rating(), attacker })
  }
  return arrivals
}

/** As many as burst.queries reads. */
const mostRead = 500

export interface Hold {
  readonly burst: Burst
  /** How many had come by then, and how many of them were attackers. */
  readonly arrivals: number
  readonly attackers: number
}

/** The first arrival at which the score is held, among those after an hour; null when none is. */
export function firstHold(arrivals: readonly Arrival[], releaseHour: number | null, after = -Infinity): Hold | null {
  const all = [...arrivals].sort((a, b) => a.hour - b.hour)
  const rating_counts = Array.from({ length: 10 }, () => 0)
  let attackers = 0
  for (const [index, { hour: now, rating, attacker }] of all.entries()) {
    rating_counts[rating - 1]! += 1
    if (attacker) attackers += 1
    if (now < after) continue
    const recent = all
      .slice(Math.max(0, index + 1 - mostRead), index + 1)
      .reverse()
      .map(({ hour, rating: given }) => [now - hour, given] as const)
    const burst = findBurst({
      rating_counts,
      recent,
      oldest_age: now - all[0]!.hour,
      release_age: releaseHour === null ? null : now - releaseHour,
      decided_age: null,
    } satisfies Arrivals)
    if (burst) return { burst, arrivals: index + 1, attackers }
  }
  return null
}
