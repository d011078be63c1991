import { randomUUID } from 'node:crypto'
import type { Tx } from '../../infra/db.ts'
import { type FieldProblem, validationError } from '../../lib/errors.ts'
import { slugOf } from '../../lib/slug.ts'
import type { PlacedCredit } from './movie-input.policy.ts'
import { findPeopleIds, insertPerson, matchNames, type NameMatch } from './person-match.queries.ts'

const mostOfOneSlug = 20

/** Adds somebody new, under the first slug of theirs that is free. */
async function addPerson(db: Tx, name: string): Promise<string> {
  const slug = slugOf(name) || 'person'
  for (let count = 1; count <= mostOfOneSlug; count += 1) {
    const added = await insertPerson(db, name, count === 1 ? slug : `${slug}-${count}`)
    if (added) return added.id
  }
  const added = await insertPerson(db, name, `${slug}-${randomUUID().slice(0, 8)}`)
  return added!.id
}

/** Names → people; whoever isn't known yet is added. Names that fold alike are one person. */
async function peopleByName(db: Tx, names: readonly string[]): Promise<Map<string, NameMatch>> {
  const matches = await matchNames(db, names)
  const added = new Map<string, string>()
  for (const { name, folded, ids } of matches) {
    if (ids.length === 0 && folded !== '' && !added.has(folded)) added.set(folded, await addPerson(db, name))
  }
  return new Map(
    matches.map((match) => {
      const id = added.get(match.folded)
      return [match.name, id === undefined ? match : { ...match, ids: [id] }]
    }),
  )
}

function nameProblem({ ids, folded }: NameMatch): string | null {
  if (folded === '') return 'must have a letter or a digit'
  return ids.length > 1 ? 'is the name of several people: give the person_id' : null
}

/**
 * Who the credits of a body are: by id, or by name, where new names become new people.
 * @throws AppError 422 naming every credit of nobody, or of who knows whom
 */
export async function identifyPeople(db: Tx, credits: readonly PlacedCredit[]) {
  const ids = credits.flatMap(({ person_id }) => person_id ?? [])
  const names = [...new Set(credits.flatMap(({ name }) => name ?? []))]
  const known = new Set(ids.length === 0 ? [] : (await findPeopleIds(db, ids)).map(({ id }) => id))
  const byName = names.length === 0 ? new Map<string, NameMatch>() : await peopleByName(db, names)

  const problems: FieldProblem[] = []
  const identified = credits.map((credit) => {
    const match = credit.name === undefined ? undefined : byName.get(credit.name)!
    const id = match ? match.ids[0] : credit.person_id?.toLowerCase()
    const message = match ? nameProblem(match) : known.has(id ?? '') ? null : 'is nobody'
    if (message) problems.push({ field: `${credit.field}.${match ? 'name' : 'person_id'}`, message })
    return { ...credit, personId: id ?? '' }
  })
  if (problems.length > 0) throw validationError({ details: problems })
  return identified
}
