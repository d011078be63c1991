import type { Tx } from '../../infra/db.ts'
import { type FieldProblem, validationError } from '../../lib/errors.ts'
import { checkCredits, creditsOf } from './movie-input.policy.ts'
import type { MoviePatch } from './movie-input.schemas.ts'
import {
  findGenres,
  findLanguages,
  replaceAliases,
  replaceCompanies,
  replaceCredits,
  replaceGenres,
  replaceLanguages,
} from './movie-parts.queries.ts'
import { identifyPeople } from './person-match.service.ts'

const unknowns = (
  values: readonly string[],
  known: ReadonlySet<string>,
  fieldAt: (index: number) => string,
  what: string,
) =>
  values.flatMap((value, index): FieldProblem[] =>
    known.has(value) ? [] : [{ field: fieldAt(index), message: `is no ${what} that is known here` }],
  )

/** Genres and languages as the database has them. @throws AppError 422 naming every one that it hasn't */
async function knownLists(db: Tx, { genres, languages, aliases }: MoviePatch) {
  const spoken = [...(languages ?? []), ...(aliases ?? []).flatMap(({ language }) => language ?? [])]
  const foundGenres = genres ? await findGenres(db, genres) : []
  const foundLanguages = spoken.length > 0 ? await findLanguages(db, spoken) : []
  const knownGenres = new Set(foundGenres.map(({ slug }) => slug))
  const knownLanguages = new Set(foundLanguages.map(({ code }) => code))
  const problems = [
    ...unknowns(genres ?? [], knownGenres, (index) => `body.genres.${index}`, 'genre'),
    ...unknowns(languages ?? [], knownLanguages, (index) => `body.languages.${index}`, 'language'),
    ...(aliases ?? []).flatMap(({ language }, index) =>
      unknowns(language ? [language] : [], knownLanguages, () => `body.aliases.${index}.language`, 'language'),
    ),
  ]
  if (problems.length > 0) throw validationError({ details: problems })
  return { genreIds: genres && foundGenres.map(({ id }) => id) }
}

/** Writes the lists of a title that a body gives; the others stay as they are. */
export async function writeParts(db: Tx, movieId: string, input: MoviePatch): Promise<void> {
  const { genreIds } = await knownLists(db, input)
  const { cast, crew } = creditsOf(input)
  const credits = await identifyPeople(db, [...(cast ?? []), ...(crew ?? [])])
  checkCredits(credits)
  const rows = credits.map(({ personId, role, character, billing_order }) => ({
    person_id: personId,
    role,
    character_name: character ?? null,
    billing_order,
  }))

  if (genreIds) await replaceGenres(db, movieId, genreIds)
  if (input.languages) await replaceLanguages(db, movieId, input.languages)
  if (input.companies) await replaceCompanies(db, movieId, input.companies)
  if (input.aliases) await replaceAliases(db, movieId, input.aliases)
  if (cast)
    await replaceCredits(
      db,
      movieId,
      'cast',
      rows.filter(({ role }) => role === 'actor'),
    )
  if (crew)
    await replaceCredits(
      db,
      movieId,
      'crew',
      rows.filter(({ role }) => role !== 'actor'),
    )
}
