import { givenName, peopleOf } from './people.ts'
import { type Random, randomFor, zipfRank } from './random.ts'

export interface MadeCredit {
  readonly person: number
  readonly role: 'actor' | 'director' | 'producer' | 'writer'
  readonly character: string | null
}

const stream = 4
/** Credits of a person fall with the serial: the first few hundred are the stars. */
const stars = 400
/** Every tenth person is crew. */
const crew = 10

/** Rank by fame for a part that stars compete for, else anybody. */
const rankOf = (random: Random, famous: boolean, flat: number, pool: number): number =>
  famous ? zipfRank(random, flat, 0.55, pool) : random.below(pool)

function actor(random: Random, famous: boolean, pool: number): number {
  const rank = rankOf(random, famous, stars, pool)
  return rank % crew === 0 ? Math.min(rank + 1, pool - 1) : rank
}
const crewMember = (random: Random, famous: boolean, pool: number): number =>
  crew * rankOf(random, famous, stars / crew, Math.ceil(pool / crew))

/** How likely a part goes by fame: few films have a cast of stars, and most have none. */
function glamour(random: Random): number {
  const draw = random.next()
  return draw < 0.06 ? 0.9 : draw < 0.3 ? 0.35 : 0.03
}

/** Sizes of casts as in the real catalogue: few have none, most four to seven, some twenty. */
function castSize(random: Random): number {
  if (random.chance(0.04)) return 0
  return (
    2 +
    Math.floor(9 * random.next() * random.next() + 4.5 * random.next()) +
    (random.chance(0.04) ? random.below(10) : 0)
  )
}

function character(random: Random): string | null {
  if (!random.chance(0.4)) return null
  const name = givenName(random)
  return random.chance(0.2) ? `${random.pick(['Chief', 'Mama', 'Papa', 'Dr', 'Pastor', 'Sergeant'])} ${name}` : name
}

/** People whose first title this is: each person of the pool is in at least one. */
function newcomers(serial: number): number[] {
  const before = serial === 0 ? 0 : peopleOf(serial)
  return Array.from({ length: peopleOf(serial + 1) - before }, (_, index) => before + index)
}

/**
 * Who made the title with a serial.
 * @param root the first part's credits: its director and most of its cast come back
 */
export function makeCredits(seed: number, serial: number, root: readonly MadeCredit[] | null): MadeCredit[] {
  const random = randomFor(seed, stream, serial)
  const pool = peopleOf(serial + 1)
  const fame = glamour(random)
  const someActor = (): number => actor(random, random.chance(fame), pool)
  const someCrew = (): number => crewMember(random, random.chance(fame), pool)
  const credits = new Map<string, MadeCredit>()
  const add = (person: number, role: MadeCredit['role'], as: string | null = null): void => {
    const key = `${role} ${person}`
    if (!credits.has(key)) credits.set(key, { person, role, character: as })
  }
  for (const credit of root ?? []) {
    if (credit.role === 'director' || random.chance(0.65)) add(credit.person, credit.role, credit.character)
  }
  for (const person of newcomers(serial)) add(person, person % crew === 0 ? 'director' : 'actor', character(random))
  for (let size = castSize(random); size > 0; size--) add(someActor(), 'actor', character(random))
  const directed = [...credits.values()].some((credit) => credit.role === 'director')
  if (!directed && random.chance(0.91)) add(someCrew(), 'director')
  if (random.chance(0.56)) add(someCrew(), 'producer')
  if (random.chance(0.12)) add(someCrew(), 'producer')
  if (random.chance(0.31)) add(someCrew(), 'writer')
  return [...credits.values()]
}
