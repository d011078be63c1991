import { passwordCost } from '../../../src/infra/passwords.ts'
import { copyLine } from '../copy.ts'
import { generatedId } from '../generated-ids.ts'
import { places } from '../generator/english-words.ts'
import { plain } from '../generator/local-words.ts'
import { makePerson } from '../generator/people.ts'
import { type Random, randomFor, zipfPick } from '../generator/random.ts'
import type { World } from '../generator/title.ts'
import { day, timestamp } from './moments.ts'

/** Domains under .test are nobody's, for good (RFC 2606). */
const domain = 'people.lemonnpie.test'

/**
 * A well-formed bcrypt hash at the present cost, of no password that anybody knows: signing in to a generated account takes
 * as long, and is refused, as with any wrong password. No secret stands in the code, and none opens thousands of accounts.
 */
const nobodysPassword = `$2b$${String(passwordCost).padStart(2, '0')}$${'.'.repeat(53)}`

export const userTarget =
  'users (id, email, email_key, password_hash, name, bio, location, role, is_verified, created_at, updated_at)'

const stream = 20
/** Told apart from the people of the catalogue, which come from the same names. */
const otherPeople = 0x5eed

const loves = [
  'old Yoruba classics',
  'Asaba epics',
  'Kannywood romances',
  'Igbo village dramas',
  'anything with a good soundtrack',
  'crime stories set in Lagos',
  'comedies that don’t insult me',
  'political dramas',
  'films that remember our history',
  'stories of women who win',
] as const
const roles = [
  'Teacher',
  'Nurse',
  'Student',
  'Trader',
  'Software tester',
  'Banker',
  'Tailor',
  'Corper',
  'Caterer',
  'Retired civil servant',
  'Film student',
  'Photographer',
  'Engineer',
  'Pastor’s wife',
  'Radio host',
] as const

const bioOf = (random: Random, place: string): string =>
  random.chance(0.5)
    ? `${random.pick(roles)} in ${place}. I watch ${random.pick(loves)} and ${random.pick(loves)}.`
    : `${random.pick(roles)}. Here for ${random.pick(loves)}.`

const local = (name: string): string =>
  plain(name)
    .toLowerCase()
    .replace(/[^a-z]+/g, '.')
    .replace(/^\.|\.$/g, '')

/** The lines of accounts with serials from `start` up to but not `end`, who joined before `today`. More join every year. */
export function* userLines(world: World, start: number, end: number, today: number): Generator<string> {
  for (let serial = start; serial < end; serial++) {
    const random = randomFor(world.seed, stream, serial)
    const { name } = makePerson((world.seed ^ otherPeople) >>> 0, serial, world.real.isPerson)
    const email = `${local(name).slice(0, 40)}.${serial}@${domain}`
    const place = zipfPick(random, places, 6)
    const joined = timestamp(Math.floor((today - day) * random.next() ** 0.8))
    yield copyLine([
      generatedId('user', serial),
      email,
      email,
      nobodysPassword,
      name,
      random.chance(0.15) ? bioOf(random, place) : null,
      random.chance(0.4) ? place : null,
      random.chance(0.004) ? 'critic' : 'user',
      random.chance(0.94),
      joined,
      joined,
    ])
  }
}
