import { type FieldProblem, validationError } from '../../lib/errors.ts'
import { isUuid } from '../../lib/schemas.ts'
import { slugOf } from '../../lib/slug.ts'
import type { CreditInput, MoviePatch } from './movie-input.schemas.ts'

/** Paths beside the details. */
const reservedSlugs = ['featured', 'search', 'suggestions', 'trending']

/** A title of such a slug could not be reached by it: it is another path, or it is taken for an id. */
const isReservedSlug = (slug: string): boolean => reservedSlugs.includes(slug) || isUuid(slug)

/**
 * The slug of a title that isn't given one: `king-of-boys-2018`.
 * @param fallback for a title without a letter or digit to make a slug of
 */
export function slugFor(title: string, year: number | null, fallback: string): string {
  const words = slugOf(title) || fallback
  const slug = year === null ? words : `${words}-${year}`
  return isReservedSlug(slug) ? `${slug}-title` : slug
}

/** A credit and the field that it came from. */
export interface PlacedCredit extends CreditInput {
  readonly field: string
  readonly billing_order: number
}

/** The lists of a body as credits; the order within a role is the order of the list. `undefined`: nothing is said of it. */
export function creditsOf({ cast, crew }: Pick<MoviePatch, 'cast' | 'crew'>): {
  readonly cast: PlacedCredit[] | undefined
  readonly crew: PlacedCredit[] | undefined
} {
  const place = (list: string, credits: readonly CreditInput[]): PlacedCredit[] =>
    credits.map((credit, index) => ({
      ...credit,
      field: `body.${list}.${index}`,
      billing_order: credits.slice(0, index).filter(({ role }) => role === credit.role).length,
    }))
  return {
    cast:
      cast &&
      place(
        'cast',
        cast.map((member) => ({ ...member, role: 'actor' })),
      ),
    crew: crew && place('crew', crew),
  }
}

const repeats = (values: readonly string[], fieldAt: (index: number) => string): FieldProblem[] =>
  values.flatMap((value, index) =>
    values.indexOf(value) < index ? [{ field: fieldAt(index), message: 'is there twice' }] : [],
  )

/**
 * What a schema can't say of a body.
 * @throws AppError 422 naming every wrong field
 */
export function checkInput(input: MoviePatch): void {
  const { cast, crew } = creditsOf(input)
  const problems = [
    ...repeats(
      (input.aliases ?? []).map(({ name }) => name),
      (index) => `body.aliases.${index}.name`,
    ),
    ...[...(cast ?? []), ...(crew ?? [])]
      .filter(({ person_id, name }) => (person_id === undefined) === (name === undefined))
      .map(({ field }) => ({ field, message: 'must have either person_id or name' })),
  ]
  if (input.slug !== undefined && isReservedSlug(input.slug)) {
    problems.push({ field: 'body.slug', message: 'is reserved' })
  }
  if (problems.length > 0) throw validationError({ details: problems })
}

/**
 * Refuses one person twice in one part of one title.
 * @throws AppError 422 naming every repetition
 */
export function checkCredits(credits: ReadonlyArray<PlacedCredit & { readonly personId: string }>): void {
  const keys = credits.map(({ personId, role, character }) => JSON.stringify([personId, role, character ?? null]))
  const problems = repeats(keys, (index) => credits[index]!.field)
  if (problems.length > 0) throw validationError({ details: problems })
}
