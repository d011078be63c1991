import type pg from 'pg'
import { slugOf } from '../../../src/lib/slug.ts'
import { copyLines } from '../copy.ts'
import { type GeneratedKind, generatedId, generatedSerial } from '../generated-ids.ts'
import { languageName } from '../language-code.ts'
import { companiesOf, companyNames } from './companies.ts'
import { blockSize } from './parts.ts'
import { peopleOf } from './people.ts'
import { type GenreIds, personLines, titleLines, titleTargets } from './rows.ts'
import type { World } from './title.ts'
import { generatedGenres, generatedLanguages } from './title-facts.ts'

/** Titles in memory at a time: a multiple of the block, so that a part and what it continues go together. */
const titleBatch = 500 * blockSize
const peopleBatch = 20_000

export interface Extent {
  readonly count: number
  /** The first serial that is free. */
  readonly next: number
}

/** How much there is of what was generated before. */
export async function extentOf(
  client: pg.ClientBase,
  table: 'movies' | 'people' | 'companies' | 'users' | 'reviews',
  kind: GeneratedKind,
): Promise<Extent> {
  const found = await client.query<{ count: string; last: string | null }>(
    `select count(*), (select id from ${table} where id between $1 and $2 order by id desc limit 1) as last
     from ${table} where id between $1 and $2`,
    [generatedId(kind, 0), generatedId(kind, 2 ** 48 - 1)],
  )
  const { count, last } = found.rows[0]!
  return { count: Number(count), next: last === null ? 0 : generatedSerial(last) + 1 }
}

/** Adds the genres and languages that generated titles have; answers with the ids of the genres. */
export async function writeGenresAndLanguages(client: pg.ClientBase): Promise<GenreIds> {
  const slugs = generatedGenres.map((name) => slugOf(name))
  await client.query(
    `insert into genres (slug, name) select slug, name from unnest($1::text[], $2::text[]) as n (slug, name)
     where not exists (select from genres g where g.slug = n.slug or g.name = n.name)`,
    [slugs, generatedGenres],
  )
  await client.query(
    `insert into languages (code, name) select code, name from unnest($1::text[], $2::text[]) as n (code, name)
     where not exists (select from languages l where l.code = n.code or l.name = n.name)`,
    [generatedLanguages, generatedLanguages.map(languageName)],
  )
  const found = await client.query<{ name: string; id: number }>(
    `select distinct on (n.name) n.name, g.id from unnest($1::text[], $2::text[]) as n (slug, name)
     join genres g on g.slug = n.slug or g.name = n.name order by n.name, g.slug = n.slug desc`,
    [slugs, generatedGenres],
  )
  return new Map(found.rows.map((row) => [row.name, row.id]))
}

/** Adds the companies that a catalogue with so many generated titles has. */
export async function writeCompanies(client: pg.ClientBase, titles: number): Promise<void> {
  const { next } = await extentOf(client, 'companies', 'company')
  const names = companyNames(companiesOf(titles)).slice(next)
  await copyLines(
    client,
    'companies (id, name)',
    names.map((name, index) => `${generatedId('company', next + index)}\t${name}\n`),
  )
}

/** Adds its people; answers with how many. */
export async function writePeople(client: pg.ClientBase, world: World, titles: number): Promise<number> {
  const { next } = await extentOf(client, 'people', 'person')
  const all = peopleOf(titles)
  for (let start = next; start < all; start += peopleBatch) {
    const lines = personLines(world, start, Math.min(all, start + peopleBatch))
    await copyLines(client, 'people (id, slug, name)', lines.people)
    await copyLines(client, 'person_aliases (person_id, name)', lines.aliases)
  }
  return Math.max(0, all - next)
}

/** Adds titles with serials from `start` up to but not `end`; while one batch is written, the next is made. */
export async function writeTitles(
  client: pg.ClientBase,
  world: World,
  {
    start,
    end,
    genreIds,
    onTitles,
  }: { start: number; end: number; genreIds: GenreIds; onTitles: (done: number) => void },
): Promise<void> {
  const endOf = (batch: number): number => Math.min(end, batch - (batch % titleBatch) + titleBatch)
  const make = (batch: number) => titleLines(world, batch, endOf(batch), genreIds)
  let making = make(start)
  for (let batch = start; batch < end; batch = endOf(batch)) {
    const lines = await making
    const next = endOf(batch)
    const [made] = await Promise.all([next < end ? make(next) : making, writeLines(client, lines)])
    making = Promise.resolve(made)
    onTitles(next - start)
  }
}

async function writeLines(client: pg.ClientBase, lines: Awaited<ReturnType<typeof titleLines>>): Promise<void> {
  for (const [target, columns] of Object.entries(titleTargets)) {
    await copyLines(client, columns, lines[target as keyof typeof lines])
  }
}
