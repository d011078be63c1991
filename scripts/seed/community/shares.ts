import { type Random, zipfRank } from '../generator/random.ts'

/** How flat Zipf's law must be for the first of so many ranks to get a share: rank r weighs 1 / (flat + r). */
function flatFor(ranks: number, firstShare: number): number {
  const shareOfFirst = (flat: number): number => {
    let sum = 0
    for (let rank = 0; rank < ranks; rank++) sum += flat / (flat + rank)
    return 1 / sum
  }
  let low = 0.01
  let high = 1e6
  for (let step = 0; step < 40; step++) {
    const middle = Math.sqrt(low * high)
    if (shareOfFirst(middle) > firstShare) low = middle
    else high = middle
  }
  return low
}

/** Deals `total` out to ranks by Zipf's law: exactly as many in all, the first rank with a share, or alike where that is less. */
export function zipfQuotas(total: number, ranks: number, firstShare: number): Uint32Array {
  const flat = flatFor(ranks, firstShare)
  const weights = Float64Array.from({ length: ranks }, (_, rank) => 1 / (flat + rank))
  return dealOut(total, weights)
}

/** Deals a whole number out in proportion to weights. */
export function dealOut(total: number, weights: Float64Array): Uint32Array {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  let upTo = 0
  let given = 0
  return Uint32Array.from(weights, (weight) => {
    upTo += weight
    const share = Math.round((total * upTo) / all) - given
    given += share
    return share
  })
}

/**
 * Indexes in the order of their times: one number for each, sorted without a comparison of ours. Up to sixteen million
 * indexes with times below 2 ** 29 fit into the 53 bits of a number.
 */
export function inOrderOf(times: Uint32Array): Uint32Array {
  const places = 2 ** Math.ceil(Math.log2(times.length + 1))
  const keys = Float64Array.from(times, (time, index) => time * places + index).sort()
  return Uint32Array.from(keys, (key) => key % places)
}

/** Picks accounts by how active they are, a few of them in most of what happens, without the busiest being the first ones. */
export function activePicker(accounts: number): (random: Random) => number {
  const flat = Math.max(20, accounts / 200)
  let step = Math.floor(accounts * 0.618) || 1
  while (greatestCommonDivisor(step, accounts) !== 1) step += 1
  return (random) => (zipfRank(random, flat, 0.5, accounts) * step + 7) % accounts
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** Often taken already so many times in a row, the next free one after any does. */
const patience = 20

/** An account that is not among those taken, which it joins. There must be one. */
export function pickFree(
  random: Random,
  pick: (random: Random) => number,
  accounts: number,
  taken: Set<number>,
): number {
  let chosen = pick(random)
  for (let tries = 0; taken.has(chosen); tries++) {
    chosen = tries < patience ? pick(random) : random.below(accounts)
    if (tries > 2 * patience) while (taken.has(chosen)) chosen = (chosen + 1) % accounts
  }
  taken.add(chosen)
  return chosen
}
