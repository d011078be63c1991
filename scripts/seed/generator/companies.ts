import { madeUpWord, plain } from './local-words.ts'
import { type Random, zipfRank } from './random.ts'

const endings = [
  'Films',
  'Pictures',
  'Productions',
  'Studios',
  'Entertainment',
  'Movies',
  'Media',
  'Film House',
] as const
const languages = ['yo', 'ig', 'ha'] as const

/** How many companies a catalogue of so many generated titles has. */
export const companiesOf = (titles: number): number => Math.ceil(2 * titles ** 0.6)

/** Names by serial, all different; some 12,000 for a million titles. */
export function companyNames(count: number): string[] {
  const names = new Set<string>()
  for (let word = 0; names.size < count; word++) {
    names.add(`${plain(madeUpWord(languages[word % 3]!, word))} ${endings[word % endings.length]!}`)
  }
  return [...names]
}

/** One company as a rule, sometimes two, and none for as many as in the real catalogue. */
export function companiesFor(random: Random, serial: number): Set<number> {
  const pool = companiesOf(serial + 1)
  const size = random.chance(0.43) ? 0 : random.chance(0.1) ? 2 : 1
  return new Set(Array.from({ length: size }, () => zipfRank(random, 12, 0.6, pool)))
}
