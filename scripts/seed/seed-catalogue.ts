import type pg from 'pg'
import { readCatalogue, shippedCatalogue } from './catalogue-file.ts'
import { foldedTexts, planCatalogue } from './catalogue-plan.ts'
import type { CheckedCatalogue } from './catalogue-problems.ts'
import { inSeedTransaction } from './connection.ts'
import { findParts } from './find-parts.ts'
import { foldTexts } from './fold-texts.ts'
import { mergeCredits, mergeLists, mergeNames } from './merge-lists.ts'
import { mergePeople } from './merge-people.ts'
import { mergeParts, mergeTitles, resolveTitles } from './merge-titles.ts'
import { refreshTouched } from './refresh.ts'
import { stage } from './staging.ts'

export interface SeedOptions {
  /** A catalogue file; without it the shipped one, whose most successful films are also featured. */
  readonly file?: string
  readonly ignoreUnknownKeys?: boolean
  /** Leaves a database alone that has titles, so that what its people changed stays. */
  readonly onlyWhenEmpty?: boolean
  /** Told what is being done. */
  readonly onProgress?: (step: string) => void
}

export interface SeedReport {
  readonly titles: { readonly inserted: number; readonly updated: number; readonly unchanged: number }
  readonly people: { readonly inserted: number; readonly existing: number }
  readonly featured: number
  readonly warnings: readonly string[]
}

const featuredCount = 10

/** Features the greatest box offices among the titles that are new. */
async function featureNewTitles(client: pg.ClientBase): Promise<number> {
  const featured = await client.query(
    `insert into featured_movies (movie_id, position)
     select m.id, row_number() over (order by amount desc, m.id)
     from seed_titles s join movies m on m.id = s.movie_id
     cross join lateral (select regexp_replace(m.box_office_ng, '[^0-9]', '', 'g')::numeric as amount) a
     where not s.existing and m.box_office_ng is not null order by amount desc limit $1
     on conflict do nothing`,
    [featuredCount],
  )
  return featured.rowCount ?? 0
}

const isEmpty = async (client: pg.ClientBase): Promise<boolean> =>
  (await client.query('select from movies limit 1')).rowCount === 0

const untouched: SeedReport = {
  titles: { inserted: 0, updated: 0, unchanged: 0 },
  people: { inserted: 0, existing: 0 },
  featured: 0,
  warnings: [],
}

async function importCatalogue(client: pg.ClientBase, checked: CheckedCatalogue, options: SeedOptions) {
  const step = options.onProgress ?? (() => {})
  step('working out titles, people and parts')
  const fold = await foldTexts(client, foldedTexts(checked))
  const plan = planCatalogue(checked, fold)
  const parts = await findParts(client, checked, plan, fold)
  await stage(client, plan, parts)
  step('writing people')
  await resolveTitles(client)
  const people = await mergePeople(client)
  step('writing titles')
  await mergeNames(client)
  await mergeTitles(client)
  await mergeParts(client)
  await mergeLists(client)
  step('writing credits')
  await mergeCredits(client)
  const featured = options.file === undefined ? await featureNewTitles(client) : 0
  step('refreshing popularity, trending and search')
  const titles = await countTitles(client)
  await refreshTouched(client)
  return { titles, people, featured, warnings: checked.warnings }
}

async function countTitles(client: pg.ClientBase): Promise<SeedReport['titles']> {
  const counted = await client.query<{ inserted: number; updated: number; unchanged: number }>(
    `select count(*) filter (where not existing)::int as inserted,
       count(*) filter (where existing and touched)::int as updated,
       count(*) filter (where existing and not touched)::int as unchanged
     from seed_titles s
     cross join lateral (select exists (select from seed_touched t where t.movie_id = s.movie_id) as touched) t`,
  )
  return counted.rows[0]!
}

/**
 * Imports a catalogue in one transaction: all of it or, on any error, nothing. What is there already and the same is left as
 * it is, so a second import changes nothing.
 * @throws SeedError, CatalogueError; errors of Postgres as they are
 */
export async function seedCatalogue(databaseUrl: string, options: SeedOptions = {}): Promise<SeedReport> {
  options.onProgress?.('reading the catalogue')
  const checked = await readCatalogue(options.file ?? shippedCatalogue, options)
  return inSeedTransaction(databaseUrl, async (client) =>
    options.onlyWhenEmpty && !(await isEmpty(client)) ? untouched : importCatalogue(client, checked, options),
  )
}
