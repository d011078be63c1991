import { type Random, zipfPick, zipfRank } from './random.ts'
import type { MadeTitle } from './titles.ts'

/** The last year that a generated title is of. */
export const lastYear = 2026

/** Few before video came in 1992, most in its great years after 2000. */
export function releaseYear(random: Random): number {
  const draw = random.next()
  if (draw < 0.02) return 1970 + random.below(22)
  if (draw < 0.13) return 1992 + random.below(8)
  if (draw < 0.56) return 2000 + random.below(10)
  if (draw < 0.86) return 2010 + random.below(10)
  return 2020 + random.below(lastYear - 2020)
}

export interface Release {
  readonly date: string | null
  readonly year: number | null
  readonly precision: 'day' | 'month' | 'year' | 'unknown'
}

const two = (value: number): string => String(value).padStart(2, '0')

/** As precisely as the real catalogue knows. */
export function releaseIn(random: Random, year: number): Release {
  const draw = random.next()
  if (draw < 0.007) return { date: null, year: null, precision: 'unknown' }
  if (draw < 0.82) return { date: null, year, precision: 'year' }
  const month = 1 + random.below(12)
  if (draw < 0.84) return { date: `${year}-${two(month)}-01`, year, precision: 'month' }
  return { date: `${year}-${two(month)}-${two(1 + random.below(28))}`, year, precision: 'day' }
}

const genres = [
  'Drama',
  'Comedy',
  'Romance',
  'Thriller',
  'Crime',
  'Action',
  'Fantasy',
  'History',
  'Musical',
  'Horror',
  'Adventure',
  'Family',
  'Political',
  'Faith',
  'Mystery',
  'Biography',
  'Documentary',
  'Anthology',
  'Soap opera',
  'War',
  'Legal',
  'Sci-Fi',
  'Children',
  'Folklore',
  'Animation',
] as const

export function genresFor(random: Random): Set<string> {
  const draw = random.next()
  const size = draw < 0.31 ? 1 : draw < 0.9 ? 2 : 3
  const chosen = new Set<string>()
  while (chosen.size < size) chosen.add(zipfPick(random, genres, 2))
  return chosen
}
/** Every genre that a generated title may have. */
export const generatedGenres: readonly string[] = genres

const minority = ['bin', 'efi', 'ibb', 'tiv', 'idu', 'ff', 'urh', 'ijc', 'kr', 'igl', 'nup', 'fr'] as const
/** Every language, by code, that a generated title may have. */
export const generatedLanguages: readonly string[] = ['en', 'pcm', 'yo', 'ig', 'ha', ...minority]

/** The main one first; unknown (none) as often as in the real catalogue. */
export function languagesFor(random: Random, main: MadeTitle['language']): Set<string> {
  if (random.chance(0.08)) return new Set()
  const chosen = new Set<string>([main])
  if (main !== 'en' && random.chance(0.35)) chosen.add('en')
  if (random.chance(main === 'en' ? 0.22 : 0.1)) chosen.add('pcm')
  if (main === 'en' && random.chance(0.22)) chosen.add(random.pick(['yo', 'yo', 'ig', 'ha']))
  if (random.chance(0.02)) chosen.add(zipfPick(random, minority, 3))
  return chosen
}

const states = [
  'Lagos',
  'Enugu',
  'Kano',
  'Anambra',
  'Oyo',
  'Delta',
  'Edo',
  'Imo',
  'Ogun',
  'Federal Capital Territory',
  'Kaduna',
  'Osun',
  'Rivers',
  'Abia',
  'Plateau',
  'Ondo',
  'Cross River',
  'Akwa Ibom',
  'Kwara',
  'Ekiti',
  'Benue',
  'Bayelsa',
  'Ebonyi',
  'Katsina',
  'Niger',
  'Kogi',
  'Bauchi',
  'Sokoto',
  'Nasarawa',
  'Gombe',
  'Adamawa',
  'Taraba',
  'Borno',
  'Jigawa',
  'Kebbi',
  'Zamfara',
  'Yobe',
] as const
export const stateFor = (random: Random): string | null => (random.chance(0.42) ? zipfPick(random, states, 1.2) : null)

/** Naira, for the few that cinemas showed: Zipf-shaped, and below what the greatest real ones took. */
export function boxOfficeFor(random: Random, year: number): number | null {
  if (year < 2008 || !random.chance(0.015)) return null
  return Math.round(90_000_000 / (1 + zipfRank(random, 3, 0.5, 400)) / 1000) * 1000 + 1000 * random.below(900)
}

const classifications = ['PG', '12', '15', '18', 'G', '12A', 'C'] as const
export const classificationFor = (random: Random): string | null =>
  random.chance(0.3) ? zipfPick(random, classifications, 3) : null
