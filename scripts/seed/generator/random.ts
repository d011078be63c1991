/** Numbers that look random and depend on nothing but what they are asked for: title 5,000 is the same whatever was made before. */
export interface Random {
  /** From 0 up to but not 1. */
  readonly next: () => number
  /** A whole number from 0 up to but not `limit`. */
  readonly below: (limit: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <T>(items: readonly T[]) => T
}

/** Murmur3's finaliser: every bit of the input moves every bit of the output. */
function mix(value: number): number {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/** @param stream what the numbers are for, so that titles and people don't resemble each other */
export function randomFor(seed: number, stream: number, serial: number): Random {
  let state = mix(mix(mix(seed + 0x9e3779b9) ^ stream) + serial)
  // Mulberry32.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)]!,
  }
}

/**
 * A rank from 0 up to but not `limit`, Zipf-shaped (a Lomax distribution): rank r comes up in proportion to about
 * (flat + r) ** -(1 + tail). The first `flat` ranks are much alike; a smaller tail gives rare ranks more weight.
 */
export function zipfRank(random: Random, flat: number, tail: number, limit: number): number {
  const share = 1 - (1 + limit / flat) ** -tail
  const rank = Math.floor(flat * ((1 - random.next() * share) ** (-1 / tail) - 1))
  return Math.min(rank, limit - 1)
}

/** One of a list, the first ones more often. */
export const zipfPick = <T>(random: Random, items: readonly T[], flat = items.length / 8): T =>
  items[zipfRank(random, flat, 0.8, items.length)]!
