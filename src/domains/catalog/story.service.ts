import type { Tx } from '../../infra/db.ts'
import { invalidField } from '../../lib/errors.ts'
import { type LockedMovie, listStory, moveStory } from './movie-write.queries.ts'

export interface Place {
  readonly part_of: string | null
  readonly part_number: number | null
}

/**
 * The place of a title in its story after a change.
 * @throws AppError 422 for a part without a number
 */
export function placeOf(input: Partial<Place>, current: Place = { part_of: null, part_number: null }): Place {
  const part_of = input.part_of === undefined ? current.part_of : input.part_of
  const part_number = input.part_number === undefined ? current.part_number : input.part_number
  if (part_of !== null && part_number === null) throw invalidField('body.part_number', 'is required with part_of')
  return { part_of, part_number }
}

/**
 * Whether a title may become a part of a story. Every part names the first one, so that a story is one step deep and can
 * have no cycle.
 * @param first the title that `part_of` names, locked
 * @throws AppError 422 when it may not
 */
export async function checkFirstPart(
  db: Tx,
  own: { readonly id: string } | null,
  first: LockedMovie | undefined,
): Promise<void> {
  if (!first) throw invalidField('body.part_of', 'is no title')
  if (first.id === own?.id) throw invalidField('body.part_of', 'must be another title')
  if (first.part_of !== null) throw invalidField('body.part_of', 'must be the first part of its story')
  const parts = own ? await listStory(db, own.id) : []
  if (parts.length > 1) throw invalidField('body.part_of', 'must be null for a title that others are parts of')
}

/** A story whose first part goes begins with the next one. */
export async function closeRanks(db: Tx, leaving: { readonly id: string }): Promise<void> {
  const [, next] = await listStory(db, leaving.id)
  if (next) await moveStory(db, leaving.id, next.id)
}
