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

const actor = (random: Random, pool: number): number => {
  const rank = zipfRank(random, stars, 0.55, pool)
  return rank % crew === 0 ? Math.min(rank + 1, pool - 1) : rank
}
const crewMember = (random: Random, pool: number): number =>
  crew * zipfRank(random, stars / crew, 0.55, Math.ceil(pool / crew))

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
  const credits = new Map<string, MadeCredit>()
  const add = (person: number, role: MadeCredit['role'], as: string | null = null): void => {
    const key = `${role} ${person}`
    if (!credits.has(key)) credits.set(key, { person, role, character: as })
  }
  for (const credit of root ?? []) {
    if (credit.role === 'director' || random.chance(0.65)) add(credit.person, credit.role, credit.character)
  }
  for (const person of newcomers(serial)) add(person, person % crew === 0 ? 'director' : 'actor', character(random))
  for (let size = castSize(random); size > 0; size--) add(actor(random, pool), 'actor', character(random))
  const directed = [...credits.values()].some((credit) => credit.role === 'director')
  if (!directed && random.chance(0.91)) add(crewMember(random, pool), 'director')
  if (random.chance(0.56)) add(crewMember(random, pool), 'producer')
  if (random.chance(0.12)) add(crewMember(random, pool), 'producer')
  if (random.chance(0.31)) add(crewMember(random, pool), 'writer')
  return [...credits.values()]
}
