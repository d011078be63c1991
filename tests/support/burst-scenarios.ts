import {
  type Arrival,
  firstHold,
  honestRating,
  type Random,
  randomFrom,
  randomTaste,
  stream,
  type Taste,
} from './simulated-arrivals.ts'

/** How reviews come to one title; those after the hour are watched. */
export interface Scenario {
  readonly arrivals: Arrival[]
  /** Hour of the release; null where only the year is known. */
  readonly release: number | null
  readonly after?: number
}
export type Scenarios = (random: Random) => Scenario

const day = 24
const longAgo = -1_000 * day

const between = (random: Random, least: number, most: number) => 10 ** (least + (most - least) * random())

const history = (random: Random, taste: Taste, perDay: number, days = 200): Arrival[] =>
  stream(random, { from: -days * day, to: 0, perHour: () => perDay / 24, rating: () => honestRating(random, taste) })

/** From twenty to a thousand reviews, most of them in the first days. */
const premiere = (random: Random, taste: Taste): Arrival[] => {
  const total = between(random, 1.3, 3)
  const perHour = (hour: number) => (total / 70) * Math.exp(-hour / 60)
  return stream(random, { from: 0, to: 21 * day, perHour, rating: () => honestRating(random, taste) })
}

const several = (count: number, make: () => Omit<Arrival, 'hour'> & { hour: number }): Arrival[] =>
  Array.from({ length: count }, make)

const hated: Taste = { mean: 2.6, spread: 1.6, ones: 0.2, tens: 0.03 }
const loved: Taste = { mean: 8.8, spread: 1.2, ones: 0.01, tens: 0.35 }
const middling = (random: Random): Taste => {
  const taste = randomTaste(random)
  return { ...taste, mean: Math.min(7, taste.mean) }
}

/** What must never be held. */
export const honest: Record<string, Scenarios> = {
  'a premiere weekend': (random) => ({ arrivals: premiere(random, randomTaste(random)), release: 0 }),
  'the premiere of a film that nearly everybody hates': (random) => ({ arrivals: premiere(random, hated), release: 0 }),
  'the premiere of a film that nearly everybody loves': (random) => ({ arrivals: premiere(random, loved), release: 0 }),
  'a premiere whose day is not known': (random) => ({ arrivals: premiere(random, randomTaste(random)), release: null }),
  'a steady title': (random) => ({
    arrivals: history(random, randomTaste(random), between(random, -1, 1)),
    release: longAgo,
    after: -150 * day,
  }),
  'a handful for a sleepy title': (random) => {
    const taste = randomTaste(random)
    const handful = several(3 + Math.floor(random() * 9), () => ({
      hour: random() * 12,
      rating: honestRating(random, taste),
    }))
    return { arrivals: [...history(random, taste, 0.05, 400), ...handful], release: longAgo, after: 0 }
  },
  'a film club of thirty for a sleepy title': (random) => {
    const taste = randomTaste(random)
    const club = several(30, () => ({ hour: random() * 6, rating: honestRating(random, taste) }))
    return { arrivals: [...history(random, taste, 0.05, 400), ...club], release: longAgo, after: 0 }
  },
  'a title that came to a streaming service': (random) => {
    const taste = randomTaste(random)
    const rating = () => honestRating(random, taste)
    const perHour = (hour: number) => 5 * Math.exp(-hour / 48)
    const surge = stream(random, { from: 0, to: 5 * day, perHour, rating })
    return { arrivals: [...history(random, taste, between(random, -1, 1)), ...surge], release: longAgo, after: 0 }
  },
}

const attacked = (random: Random, taste: Taste, perDay: number, attack: Arrival[]): Scenario => ({
  arrivals: [...history(random, taste, perDay), ...attack],
  release: longAgo,
  after: 0,
})

const attackers = (random: Random, count: number, hours: number, rating: () => number, from = 0): Arrival[] =>
  several(count, () => ({ hour: from + random() * hours, rating: rating(), attacker: true }))

interface Attack {
  readonly scenario: Scenarios
  /** The least share of attacks that are held. */
  readonly least: number
  /** The most attackers that had come by then, at the median. */
  readonly median: number
}

export const attacks: Record<string, Attack> = {
  'fifty sudden ones': {
    least: 1,
    median: 20,
    scenario: (random) => {
      const ones = attackers(random, 50, 4, () => (random() < 0.9 ? 1 : 2))
      return attacked(random, randomTaste(random), between(random, -0.7, 0.8), ones)
    },
  },
  'a drip of ones over three days': {
    least: 1,
    median: 25,
    scenario: (random) => {
      const taste = randomTaste(random)
      const rest = stream(random, { from: 0, to: 72, perHour: () => 0.03, rating: () => honestRating(random, taste) })
      return attacked(random, taste, between(random, -0.7, 0.3), [...attackers(random, 60, 72, () => 1), ...rest])
    },
  },
  'a drip of ones over a week': {
    least: 0.95,
    median: 30,
    scenario: (random) => {
      const taste = randomTaste(random)
      const rest = stream(random, { from: 0, to: 168, perHour: () => 0.03, rating: () => honestRating(random, taste) })
      return attacked(random, taste, between(random, -0.7, 0.3), [...attackers(random, 49, 168, () => 1), ...rest])
    },
  },
  'a brigade of fifty tens': {
    least: 1,
    median: 20,
    scenario: (random) =>
      attacked(
        random,
        middling(random),
        between(random, -0.7, 0.8),
        attackers(random, 50, 6, () => 10),
      ),
  },
  'forty ones among honest reviews': {
    least: 0.95,
    median: 20,
    scenario: (random) => {
      const taste = randomTaste(random)
      const rest = several(25, () => ({ hour: random() * 8, rating: honestRating(random, taste) }))
      return attacked(random, taste, between(random, -0.7, 0.8), [...attackers(random, 40, 8, () => 1), ...rest])
    },
  },
  'a hundred and fifty ones for a busy title': {
    least: 1,
    median: 40,
    scenario: (random) => {
      const taste = randomTaste(random)
      const rating = () => honestRating(random, taste)
      const rest = stream(random, { from: 0, to: 12, perHour: () => 2.5, rating })
      const before = history(random, taste, 60, 30)
      return { arrivals: [...before, ...attackers(random, 150, 12, () => 1), ...rest], release: longAgo, after: 0 }
    },
  },
  'a premiere weekend with three ones to each honest review': {
    least: 0.95,
    median: 80,
    scenario: (random) => {
      const taste = randomTaste(random)
      const rest = several(80, () => ({ hour: random() * 60, rating: honestRating(random, taste) }))
      return { arrivals: [...rest, ...attackers(random, 250, 24, () => 1, 10)], release: 0 }
    },
  },
  'sixty ones for a title that nobody reviews': {
    least: 1,
    median: 20,
    scenario: (random) => ({
      arrivals: [{ hour: -4000, rating: 6 }, { hour: -3000, rating: 7 }, ...attackers(random, 60, 10, () => 1)],
      release: -5000,
      after: 0,
    }),
  },
}

/** How many of so many runs are held, and how many attackers had come by then, in order. */
export function holdsOf(scenario: Scenarios, seeds: number): { held: number; attackers: number[] } {
  const holds = Array.from({ length: seeds }, (_, index) => {
    const { arrivals, release, after } = scenario(randomFrom((index + 1) * 7919))
    return firstHold(arrivals, release, after)
  }).filter((hold) => hold !== null)
  return { held: holds.length, attackers: holds.map((hold) => hold.attackers).sort((a, b) => a - b) }
}
