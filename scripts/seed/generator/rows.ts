import { setImmediate as turn } from 'node:timers/promises'
import { copyLine } from '../copy.ts'
import { generatedId } from '../generated-ids.ts'
import { companiesFor } from './companies.ts'
import { plain } from './local-words.ts'
import { makePerson } from './people.ts'
import { makePlot } from './plots.ts'
import { aliasesFor, titleCore, type World } from './title.ts'
import { boxOfficeFor, classificationFor, genresFor, languagesFor, releaseIn, stateFor } from './title-facts.ts'

/** Ids of the genres of the database, by name. */
export type GenreIds = ReadonlyMap<string, number>

/** Tables in the order in which foreign keys allow them to be filled, with their columns. */
export const titleTargets = {
  movies:
    'movies (id, slug, type, title, local_title, release_date, release_year, release_precision, runtime, plot_summary, ' +
    'production_state, box_office_ng, box_office_note, classification, part_of, part_number, created_at, updated_at)',
  aliases: 'movie_aliases (movie_id, name, kind, language, position)',
  companies: 'movie_companies (movie_id, company_id, position)',
  credits: 'movie_credits (movie_id, person_id, role, character_name, billing_order)',
  // These two count in rows that all titles share, so they come last.
  genres: 'movie_genres (movie_id, genre_id)',
  languages: 'movie_languages (movie_id, language)',
} as const
export type TitleTarget = keyof typeof titleTargets
export type TitleLines = Record<TitleTarget, string[]>

/** The first moment that a generated title was created at; each is six seconds after the one before. */
const epoch = Date.UTC(2024, 0, 1)
/** What is left of our own vocabulary without its marks is ASCII, so that this does, and in a tenth of the time. */
const slugText = (text: string): string =>
  plain(text)
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
const slugFor = (name: string, serial: number, year: number | null): string => {
  const stem = slugText(name).slice(0, 170)
  return [stem, year ?? 'nd', `g${serial}`].filter((piece) => piece !== '').join('-')
}

const naira = (amount: number): string => `₦${amount.toLocaleString('en-US')}`

function addTitle(lines: TitleLines, world: World, serial: number, genreIds: GenreIds): void {
  const core = titleCore(world, serial)
  const { random, title } = core
  const id = generatedId('title', serial)
  const release = releaseIn(random, core.year)
  const takings = boxOfficeFor(random, core.year)
  const created = new Date(epoch + serial * 6000).toISOString()
  lines.movies.push(
    copyLine([
      id,
      slugFor(title, serial, release.year),
      core.type,
      title,
      core.localTitle,
      release.date,
      release.year,
      release.precision,
      random.chance(0.35) ? 45 + Math.floor(60 * random.next() + 60 * random.next()) : null,
      random.chance(0.58) ? makePlot(random) : null,
      stateFor(random),
      takings === null ? null : naira(takings),
      takings === null ? null : 'generated',
      classificationFor(random),
      core.root === null ? null : generatedId('title', core.root),
      core.number,
      created,
      created,
    ]),
  )
  aliasesFor(core).forEach(({ name, kind, language }, position) => {
    lines.aliases.push(copyLine([id, name, kind, language, position]))
  })
  const billing = { actor: 0, director: 0, producer: 0, writer: 0 }
  for (const { person, role, character } of core.credits) {
    lines.credits.push(copyLine([id, generatedId('person', person), role, character, billing[role]++]))
  }
  let position = 0
  for (const company of companiesFor(random, serial)) {
    lines.companies.push(copyLine([id, generatedId('company', company), position++]))
  }
  for (const genre of genresFor(random)) lines.genres.push(copyLine([id, genreIds.get(genre)!]))
  for (const language of languagesFor(random, core.language)) lines.languages.push(copyLine([id, language]))
}

/** After so many titles (5 ms) the event loop has a turn, so that the batch before goes on being written. */
const titlesPerTurn = 250

/** The lines of the titles with serials from `start` up to but not `end`, for COPY. */
export async function titleLines(world: World, start: number, end: number, genreIds: GenreIds): Promise<TitleLines> {
  const lines: TitleLines = { movies: [], aliases: [], companies: [], credits: [], genres: [], languages: [] }
  for (let serial = start; serial < end; serial++) {
    addTitle(lines, world, serial, genreIds)
    if (serial % titlesPerTurn === 0) await turn()
  }
  return lines
}

/** The lines of people with serials from `start` up to but not `end`: they themselves, and their aliases. */
export function personLines(world: World, start: number, end: number): { people: string[]; aliases: string[] } {
  const people: string[] = []
  const aliases: string[] = []
  for (let serial = start; serial < end; serial++) {
    const person = makePerson(world.seed, serial, world.real.isPerson)
    const id = generatedId('person', serial)
    people.push(copyLine([id, `${slugText(person.name)}-g${serial}`, person.name]))
    for (const name of new Set(person.aliases)) aliases.push(copyLine([id, name]))
  }
  return { people, aliases }
}
