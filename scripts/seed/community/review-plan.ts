import { type Random, randomFor } from '../generator/random.ts'
import { day, waiting } from './moments.ts'
import { activePicker, dealOut, inOrderOf, pickFree, zipfQuotas } from './shares.ts'

export interface PlannedTitle {
  readonly id: string
  /** When it came out, in seconds since the opening; null where nobody knows. */
  readonly released: number | null
  /** Whether that is known to the day. */
  readonly isDated: boolean
}

/** Accounts by their place in the list of all generated ones. */
export interface PlannedUsers {
  readonly ids: readonly string[]
  readonly joined: Uint32Array
  readonly isCritic: Uint8Array
}

export interface ReviewPlan {
  /** Of each review, in the order of writing: places in the lists of titles and users, and the time. */
  readonly title: Uint32Array
  readonly author: Uint32Array
  readonly at: Uint32Array
  /** Whether it was cast before the release, and so doesn't count. */
  readonly isEarly: Uint8Array
}

/** The most reviewed title has a fortieth of all reviews: 50,000 of two million. */
export const firstShare = 1 / 40
/** On no title more than half of all accounts write, lest drawing those who haven't yet takes for ever. */
const greatestAudience = 0.5

/** How many reviews so many accounts can write of so many titles in this shape. */
export const mostReviews = (users: number, titles: number): number =>
  Math.floor(users * greatestAudience * Math.min(1 / firstShare, titles))

const stream = 21
const premiereShare = 0.6
const premiereMean = 12 * day
const earlyShare = 0.006
const earlyDays = 10

/** A moment at which a title is reviewed: in the weeks after a premiere, or evenly, with more of late. */
function momentFor(random: Random, { released, isDated }: PlannedTitle, today: number): number {
  const start = Math.max(0, released ?? 0)
  if (isDated && released! >= 0 && random.chance(premiereShare)) {
    const at = released! + waiting(random, premiereMean)
    if (at < today) return at
  }
  return start + (today - start) * random.next() ** 0.85
}

/** Nobody writes before joining: who joined later wrote later. */
function sinceJoining(random: Random, at: number, joined: number, today: number): number {
  return at > joined ? at : joined + 1 + (today - joined - 2) * random.next() ** 1.5
}

/**
 * Who reviews what and when: titles by Zipf's law in their order, accounts by how active they are, nobody a title twice.
 * @param wrote for each title who has reviewed it already
 * @param added how many reviews are to come
 */
export function planReviews(options: {
  readonly seed: number
  readonly titles: readonly PlannedTitle[]
  readonly users: PlannedUsers
  readonly wrote: ReadonlyMap<number, readonly number[]>
  readonly existing: number
  readonly added: number
  readonly today: number
}): ReviewPlan {
  const { seed, titles, users, wrote, existing, added, today } = options
  const wanted = zipfQuotas(existing + added, titles.length, firstShare)
  const missing = Float64Array.from(wanted, (count, rank) => Math.max(0, count - (wrote.get(rank)?.length ?? 0)))
  const quotas = dealOut(added, missing)
  const plan = emptyPlan(added)
  const pick = activePicker(users.ids.length)
  let next = 0
  for (const [rank, title] of titles.entries()) {
    const random = randomFor(seed, stream + existing, rank)
    const taken = new Set(wrote.get(rank))
    for (let count = 0; count < quotas[rank]!; count++, next++) {
      const author = pickFree(random, pick, users.ids.length, taken)
      const joined = users.joined[author]!
      plan.title[next] = rank
      plan.author[next] = author
      const early = title.isDated ? title.released! - Math.ceil(random.next() * earlyDays * day) : 0
      const isEarly = early > joined && random.chance(earlyShare)
      plan.isEarly[next] = Number(isEarly)
      plan.at[next] = isEarly ? early : sinceJoining(random, momentFor(random, title, today), joined, today)
    }
  }
  return sorted(plan)
}

const emptyPlan = (size: number): ReviewPlan => ({
  title: new Uint32Array(size),
  author: new Uint32Array(size),
  at: new Uint32Array(size),
  isEarly: new Uint8Array(size),
})

/** As a table would be filled: the reviews of one title are nowhere near each other. */
function sorted(plan: ReviewPlan): ReviewPlan {
  const order = inOrderOf(plan.at)
  return {
    title: order.map((index) => plan.title[index]!),
    author: order.map((index) => plan.author[index]!),
    at: order.map((index) => plan.at[index]!),
    isEarly: Uint8Array.from(order, (index) => plan.isEarly[index]!),
  }
}
