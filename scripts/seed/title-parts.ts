import { segmentsOf, splitPart } from './title-forms.ts'

/** What the inference looks at: of each title, all of its names. */
export interface PartCandidate {
  readonly slug: string
  readonly type: string
  readonly title: string
  /** Local and alternate titles. */
  readonly others: readonly string[]
  readonly year: number | null
  /** First release as YYYY-MM-DD. */
  readonly date: string | null
}

export interface InferredPart {
  /** Slug of the first part; null for a first part that says so itself. */
  readonly of: string | null
  readonly number: number
}

export type Fold = (text: string) => string

interface Naming {
  readonly candidate: PartCandidate
  /** How plainly the name is the title's: 0 the title itself, 1 it with a 1, 2 an alias, 3 what is before a colon. */
  readonly rank: number
}

/** Every text that `inferParts` folds, so that they can be folded together beforehand. */
export const foldedForParts = (candidate: PartCandidate): string[] =>
  [candidate.title, ...candidate.others].flatMap((name) => [
    name,
    ...segmentsOf(name).slice(0, 1),
    ...(splitPart(name) ? [splitPart(name)!.base] : []),
  ])

function namings(candidate: PartCandidate): Array<[string, number]> {
  const numbered = splitPart(candidate.title)
  const found: Array<[string, number]> = [[candidate.title, 0]]
  if (numbered?.number === 1) found.push([numbered.base, 1])
  for (const name of candidate.others) if (!splitPart(name)) found.push([name, 2])
  const [first] = segmentsOf(candidate.title)
  if (first !== undefined && first !== candidate.title && !splitPart(candidate.title)) found.push([first, 3])
  return found
}

/** Years between, and 1,000 where one of them is unknown; null where the first part would be the later one. */
function distance(first: PartCandidate, sequel: PartCandidate): number | null {
  if (first.year === null || sequel.year === null) return 1000
  if (first.year > sequel.year) return null
  if (first.date && sequel.date && first.date > sequel.date) return null
  return sequel.year - first.year
}

/** The title's own number, or that of an alias (Lisabi 2) where the title has none. */
function numbersOf(candidate: PartCandidate): Array<{ base: string; number: number }> {
  const own = splitPart(candidate.title)
  const all = own ? [own] : candidate.others.map(splitPart).filter((part) => part !== null)
  return all.filter((part) => part.number >= 2)
}

/** Names of the first parts that a title may continue. */
export const basesOf = (candidate: PartCandidate): string[] => numbersOf(candidate).map((part) => part.base)

/**
 * Which titles continue which, from their names alone: a title whose name ends in a number of 2 or more continues the title
 * that has the name before the number and was released no later; of several, the one named most plainly, then the nearest
 * in time, then of the same type. Where there is no such title the number is taken for part of the name.
 */
export function inferParts(candidates: readonly PartCandidate[], fold: Fold): Map<string, InferredPart> {
  const byName = new Map<string, Naming[]>()
  for (const candidate of candidates) {
    for (const [name, rank] of namings(candidate)) {
      const key = fold(name)
      const named = byName.get(key)
      if (named) named.push({ candidate, rank })
      else byName.set(key, [{ candidate, rank }])
    }
  }
  const parts = new Map<string, InferredPart>()
  for (const sequel of candidates) {
    const found = numbersOf(sequel).flatMap(({ base, number }) =>
      (byName.get(fold(base)) ?? []).flatMap(({ candidate, rank }) => {
        const years = candidate === sequel ? null : distance(candidate, sequel)
        if (years === null) return []
        return [{ candidate, number, order: [rank, years, candidate.type === sequel.type ? 0 : 1] as const }]
      }),
    )
    const [best] = found.sort(
      (a, b) =>
        a.order[0] - b.order[0] ||
        a.order[1] - b.order[1] ||
        a.order[2] - b.order[2] ||
        (a.candidate.slug < b.candidate.slug ? -1 : 1),
    )
    if (best) parts.set(sequel.slug, { of: best.candidate.slug, number: best.number })
  }
  return withFirstParts(candidates, parts)
}

/** Points every part at the first one (a part 3 may have found the part 2), and numbers first parts that say 1. */
function withFirstParts(candidates: readonly PartCandidate[], parts: ReadonlyMap<string, InferredPart>) {
  const result = new Map<string, InferredPart>()
  for (const [slug, part] of parts) {
    const passed = new Set([slug])
    let first = part.of
    for (let next = first; next && !passed.has(next); next = parts.get(next)?.of ?? null) {
      passed.add(next)
      first = next
    }
    result.set(slug, { of: first, number: part.number })
  }
  const continued = new Set([...result.values()].map((part) => part.of))
  for (const { slug, title } of candidates) {
    if (continued.has(slug) && !result.has(slug) && splitPart(title)?.number === 1)
      result.set(slug, { of: null, number: 1 })
  }
  return result
}
