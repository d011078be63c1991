import type pg from 'pg'
import { continuations } from '../../db/seeds/continuations.ts'
import { type CataloguePlan, partCandidate } from './catalogue-plan.ts'
import type { CheckedCatalogue } from './catalogue-problems.ts'
import { foldTexts } from './fold-texts.ts'
import { isGenerated } from './generated-ids.ts'
import { basesOf, type Fold, foldedForParts, type InferredPart, inferParts, type PartCandidate } from './title-parts.ts'

/** Titles of the database that a title of the file may continue. */
async function firstParts(client: pg.ClientBase, plan: CataloguePlan, fold: Fold, bases: ReadonlySet<string>) {
  const known = new Set(plan.titles.map((title) => title.slug))
  const found = await client.query<PartCandidate>(
    `select slug, type::text, title, array[]::text[] as others, release_year as year, release_date::text as date
     from movies where type in ('movie', 'series') and fold(title) = any ($1) and not ${isGenerated('id')}`,
    [[...bases].map(fold)],
  )
  return found.rows.filter((row) => !known.has(row.slug))
}

/** Parts by their names, and the curated ones of which no name tells. */
export async function findParts(
  client: pg.ClientBase,
  checked: CheckedCatalogue,
  plan: CataloguePlan,
  fold: Fold,
): Promise<Map<string, InferredPart>> {
  const own = checked.entries.map(partCandidate)
  const others = await firstParts(client, plan, fold, new Set(own.flatMap(basesOf)))
  const candidates = [...own, ...others]
  const inferred = inferParts(candidates, await foldTexts(client, candidates.flatMap(foldedForParts)))
  const slugs = new Set(own.map((candidate) => candidate.slug))
  const parts = new Map<string, InferredPart>()
  for (const slug of slugs) {
    const curated = continuations[slug]
    const part = inferred.get(slug) ?? (curated && slugs.has(curated.of) ? curated : undefined)
    if (part) parts.set(slug, { of: part.of, number: part.number })
  }
  return parts
}
