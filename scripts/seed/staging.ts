import type pg from 'pg'
import { slugOf } from '../../src/lib/slug.ts'
import type { CataloguePlan, PlannedTitle } from './catalogue-plan.ts'
import { arrayText, type CopyRow, copyRows } from './copy.ts'
import { languageName } from './language-code.ts'
import type { InferredPart } from './title-parts.ts'

const tables = `
  create temp table seed_titles (
    entry integer primary key, slug text not null unique, type content_type not null, title text not null,
    local_title text, release_date date, release_year smallint, release_precision release_precision not null,
    runtime smallint, plot_summary text, production_state text, box_office_ng text, box_office_note text,
    -- What the file speaks of: its list then replaces the database's.
    knows_aliases boolean not null, knows_genres boolean not null, knows_languages boolean not null,
    knows_companies boolean not null, knows_roles cast_role[] not null,
    movie_id uuid, existing boolean not null default false
  ) on commit drop;
  create temp table seed_parts (slug text primary key, part_of text, part_number smallint not null) on commit drop;
  create temp table seed_aliases (slug text, name text, kind alias_kind, language text, position smallint) on commit drop;
  create temp table seed_genres (slug text, genre text, name text) on commit drop;
  create temp table seed_languages (slug text, language text) on commit drop;
  create temp table seed_language_names (code text, name text) on commit drop;
  create temp table seed_companies (slug text, key text, name text, position smallint, company_id uuid) on commit drop;
  create temp table seed_people (key text primary key, slug text, name text, keys text[], person_id uuid) on commit drop;
  create temp table seed_person_aliases (key text, name text) on commit drop;
  create temp table seed_credits (slug text, key text, role cast_role, character_name text, billing_order smallint)
    on commit drop;
  create temp table seed_touched (movie_id uuid not null) on commit drop;
  -- Titles that are found by more names than before, though they themselves are the same.
  create temp table seed_reindexed (movie_id uuid not null) on commit drop;
`

const titleRow = ({ slug, entry, release, box_office, roles }: PlannedTitle, index: number): CopyRow => [
  index,
  slug,
  entry.type,
  entry.title,
  entry.local_title ?? null,
  release.date,
  release.year,
  release.precision,
  entry.runtime_minutes ?? null,
  entry.plot_summary ?? null,
  entry.production_state ?? null,
  box_office,
  entry.box_office_note ?? null,
  entry.alternate_titles !== undefined,
  entry.genres !== undefined,
  entry.languages !== undefined,
  entry.production_companies !== undefined,
  arrayText(roles),
]

function genreRows({ slug, entry }: PlannedTitle): CopyRow[] {
  const bySlug = new Map((entry.genres ?? []).map((name) => [slugOf(name), name]))
  return [...bySlug].map(([genre, name]) => [slug, genre, name])
}

/** Puts a planned catalogue into temporary tables, which the merge reads. */
export async function stage(
  client: pg.ClientBase,
  { titles, people }: CataloguePlan,
  parts: ReadonlyMap<string, InferredPart>,
): Promise<void> {
  await client.query(tables)
  const columns =
    'entry, slug, type, title, local_title, release_date, release_year, release_precision, runtime, plot_summary, ' +
    'production_state, box_office_ng, box_office_note, knows_aliases, knows_genres, knows_languages, knows_companies, ' +
    'knows_roles'
  await copyRows(client, `seed_titles (${columns})`, titles.map(titleRow))
  await copyRows(
    client,
    'seed_parts (slug, part_of, part_number)',
    [...parts].map(([slug, p]) => [slug, p.of, p.number]),
  )
  await copyRows(
    client,
    'seed_aliases (slug, name, kind, language, position)',
    titles.flatMap(({ slug, aliases }) => aliases.map((a, i) => [slug, a.name, a.kind, a.language, i])),
  )
  await copyRows(client, 'seed_genres (slug, genre, name)', titles.flatMap(genreRows))
  await copyRows(
    client,
    'seed_languages (slug, language)',
    titles.flatMap(({ slug, languages }) => languages.map((code) => [slug, code])),
  )
  const codes = new Set(titles.flatMap(({ languages, aliases }) => [...languages, ...aliases.map((a) => a.language)]))
  await copyRows(
    client,
    'seed_language_names (code, name)',
    [...codes].flatMap((code) => (code === null ? [] : [[code, languageName(code)]])),
  )
  await copyRows(
    client,
    'seed_companies (slug, key, name, position)',
    titles.flatMap(({ slug, companies }) => companies.map(({ key, name }, i) => [slug, key, name, i])),
  )
  await copyRows(
    client,
    'seed_people (key, name, keys)',
    people.map((p) => [p.key, p.name, arrayText(p.keys)]),
  )
  await copyRows(
    client,
    'seed_person_aliases (key, name)',
    people.flatMap(({ key, aliases }) => aliases.map((name) => [key, name])),
  )
  await copyRows(
    client,
    'seed_credits (slug, key, role, character_name, billing_order)',
    titles.flatMap(({ slug, credits }) =>
      credits.map((credit) => [slug, credit.person, credit.role, credit.character, credit.billing_order]),
    ),
  )
  await client.query(
    'analyze seed_titles, seed_parts, seed_aliases, seed_genres, seed_languages, seed_companies, seed_people, ' +
      'seed_person_aliases, seed_credits',
  )
}
