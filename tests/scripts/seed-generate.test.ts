import { beforeAll, describe, expect, test } from 'vitest'
import { generatedIds } from '../../scripts/seed/generated-ids.ts'
import { type GenerateOptions, generateCatalogue } from '../../scripts/seed/generator/generate.ts'
import { madeUpWord } from '../../scripts/seed/generator/local-words.ts'
import { partOf } from '../../scripts/seed/generator/parts.ts'
import { randomFor, zipfRank } from '../../scripts/seed/generator/random.ts'
import { seedCatalogue } from '../../scripts/seed/seed-catalogue.ts'
import { cloneDatabase, withClient } from '../support/databases.ts'

const rows = (url: string, sql: string) => withClient(url, async (client) => (await client.query(sql)).rows)
const one = async (url: string, sql: string) => (await rows(url, sql))[0]

/** Everything that is generated, without what differs from run to run: ids of credits and the numbers of genres. */
const generatedRows = (url: string) =>
  rows(
    url,
    `select to_jsonb(m) as movie, array(select array[name, kind::text, language] from movie_aliases where movie_id = m.id order by 1) as aliases,
       array(select array[person_id::text, role::text, character_name, billing_order::text] from movie_credits where movie_id = m.id order by 1) as credits,
       array(select slug from movie_genres join genres on genres.id = genre_id where movie_id = m.id order by 1) as genres,
       array(select language from movie_languages where movie_id = m.id order by 1) as languages,
       array(select name from movie_companies join companies on companies.id = company_id where movie_id = m.id order by position) as companies
     from movies m order by m.id`,
  )

const schema = (url: string) =>
  rows(
    url,
    `select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated from pg_constraint
     where connamespace = 'public'::regnamespace
     union all select tablename, indexname, indexdef, true from pg_indexes where schemaname = 'public'
     union all select tgrelid::regclass::text, tgname, tgenabled::text, true from pg_trigger where not tgisinternal order by 1, 2, 3`,
  )

const generate = (url: string, scale: number, more: Partial<GenerateOptions> = {}) =>
  generateCatalogue(url, { scale, randomSeed: 1, ...more })

describe('a generated catalogue', () => {
  const scale = 3000
  let url: string
  beforeAll(async () => {
    url = await cloneDatabase({ seeded: true })
    await generate(url, scale)
  })

  test('has as many titles as asked for, each with its row of statistics', async () => {
    expect(
      await one(
        url,
        `select count(*)::int as titles, count(s.movie_id)::int as stats, count(*) filter (where s.popularity > 0)::int as popular,
           count(d.movie_id)::int as searchable
         from movies m left join movie_stats s on s.movie_id = m.id left join search_documents d on d.movie_id = m.id where m.slug ~ '-g[0-9]+$'`,
      ),
    ).toEqual({ titles: scale, stats: scale, popular: scale, searchable: scale })
  })

  test('has one part in six, of an earlier title, and no part twice', async () => {
    expect(
      await one(
        url,
        `select count(*)::int as parts, count(distinct (m.part_of, m.part_number))::int as distinct_parts,
           bool_and(m.release_year is null or f.release_year is null or m.release_year >= f.release_year) as later,
           bool_and(f.part_of is null and m.type = f.type) as of_firsts
         from movies m join movies f on f.id = m.part_of where m.slug ~ '-g[0-9]+$'`,
      ),
    ).toEqual({ parts: scale / 6, distinct_parts: scale / 6, later: true, of_firsts: true })
  })

  test('is like the real one in what is missing and what is not', async () => {
    const share = await one(
      url,
      `select avg((plot_summary is not null)::int)::float as plot, avg((release_date is not null)::int)::float as date,
         avg((runtime is not null)::int)::float as runtime, avg((local_title is not null)::int)::float as local,
         avg((type = 'series')::int)::float as series,
         avg(exists(select from movie_credits c where c.movie_id = m.id and role = 'director')::int)::float as director,
         avg((select count(*) from movie_credits c where c.movie_id = m.id))::float as credits,
         avg(exists(select from movie_aliases a where a.movie_id = m.id)::int)::float as aliases
       from movies m where slug ~ '-g[0-9]+$'`,
    )
    const real = { plot: 0.58, date: 0.17, runtime: 0.35, local: 0.12, series: 0.19, director: 0.91, aliases: 0.17 }
    for (const [fact, expected] of Object.entries(real)) {
      expect(Math.abs(share[fact] - expected), `${fact}: ${share[fact]}`).toBeLessThan(0.08)
    }
    expect(share.credits).toBeGreaterThan(6)
    expect(share.credits).toBeLessThan(12)
  })

  test('has a few famous people and many of few films, all of them in one at least', async () => {
    const { most, median, none } = await one(
      url,
      `select max(n)::int as most, percentile_disc(0.5) within group (order by n)::int as median, count(*) filter (where n = 0)::int as none
       from (select (select count(*) from movie_credits c where c.person_id = p.id) as n from people p
             where id between '${generatedIds.first}' and '${generatedIds.last}') counts`,
    )
    expect(none).toBe(0)
    expect(most).toBeGreaterThan(6 * median)
  })

  test('has names that no real title or person has', async () => {
    expect(
      await one(
        url,
        `with made as (select fold(title) as name from movies where slug ~ '-g[0-9]+$'),
           real as (select fold(title) as name from movies where slug !~ '-g[0-9]+$' union select fold(name) from movie_aliases
                    join movies on movies.id = movie_id where slug !~ '-g[0-9]+$')
         select (select count(*)::int from made join real using (name)) as titles,
           (select count(*)::int from people a join people b on fold(a.name) = fold(b.name)
            and a.id <= '${generatedIds.last}' and a.id >= '${generatedIds.first}' and b.id not between '${generatedIds.first}' and '${generatedIds.last}') as people`,
      ),
    ).toEqual({ titles: 0, people: 0 })
  })

  test('shares words with the real one, and is mostly less popular', async () => {
    const found = await one(
      url,
      `with words as (select slug ~ '-g[0-9]+$' as made, regexp_split_to_table(fold(title), ' ') as word from movies)
       select (select count(distinct w.word)::int from words w where not made and exists (select from words g where g.made and g.word = w.word)) as shared,
         (select percentile_cont(0.9) within group (order by popularity) from movie_stats join movies on id = movie_id where slug !~ '-g[0-9]+$')
         > (select percentile_cont(0.9) within group (order by popularity) from movie_stats join movies on id = movie_id where slug ~ '-g[0-9]+$') as below`,
    )
    expect(found.shared).toBeGreaterThan(100)
    expect(found.below).toBe(true)
  })

  test('counts its genres and languages as triggers do', async () => {
    expect(
      await rows(
        url,
        `select slug from genres g where movie_count + series_count <> (select count(*) from movie_genres where genre_id = g.id)
         union select code from languages l where movie_count + series_count <> (select count(*) from movie_languages where language = l.code)`,
      ),
    ).toEqual([])
  })

  test('is found by what its titles one by one would be found by', async () => {
    const index = () =>
      rows(
        url,
        `select (select md5(string_agg(d::text, ' ' order by movie_id)) from search_documents d) as documents,
           (select md5(string_agg(n::text, ' ' order by movie_id, entry)) from search_names n) as names,
           (select md5(string_agg(s::text, ' ' order by movie_id, entry, inner_word, start)) from search_starts s) as starts`,
      )
    const before = await index()
    expect(before[0].documents).toMatch(/^[0-9a-f]{32}$/)
    await rows(url, 'select search_refresh(array(select id from movies))')
    expect(await index()).toEqual(before)
  })

  test('is not added to when it is large enough', async () => {
    expect(await generate(url, scale)).toEqual({ titles: 0, people: 0 })
    expect(await generate(url, 10)).toEqual({ titles: 0, people: 0 })
  })

  test('lets a real catalogue in afterwards, whose people stay apart from the made up ones', async () => {
    const other = await cloneDatabase()
    await generate(other, 200)
    expect((await seedCatalogue(other)).titles.inserted).toBe(434)
    expect(
      await one(
        other,
        `select count(*)::int as mixed from movie_credits c join movies m on m.id = c.movie_id
         where (m.slug ~ '-g[0-9]+$') <> (c.person_id between '${generatedIds.first}' and '${generatedIds.last}')`,
      ),
    ).toEqual({ mixed: 0 })
  })
})

describe('generating', () => {
  test('gives the same titles at once or step by step, and others for another seed', async () => {
    const [atOnce, inSteps, another] = await Promise.all([cloneDatabase(), cloneDatabase(), cloneDatabase()])
    await generate(atOnce, 250)
    for (const scale of [1, 7, 100, 250]) await generate(inSteps, scale)
    await generate(another, 250, { randomSeed: 2 })
    const expected = await generatedRows(atOnce)
    expect(expected).toHaveLength(250)
    expect(await generatedRows(inSteps)).toEqual(expected)
    const others = (await generatedRows(another)).map((row) => row.movie.title)
    const same = expected.filter((row, index) => row.movie.title === others[index])
    expect(same.length).toBeLessThan(5)
  })

  test('puts every index, key and trigger back when it lifts them for a large load, and leaves nothing undone', async () => {
    const url = await cloneDatabase({ seeded: true })
    const before = await schema(url)
    await generate(url, 20_000)
    expect(await schema(url)).toEqual(before)
    expect(before.some((row) => row.convalidated === false)).toBe(false)
    const stats = () =>
      rows(
        url,
        `select count(*)::int as rows, md5(string_agg((s.movie_id, s.type, s.release_year, s.popularity, s.trending)::text, ' ' order by movie_id)) as all,
           (select count(*)::int from movies m join movie_stats o on o.movie_id = m.id and o.type = m.type
            and o.release_year is not distinct from m.release_year) as alike,
           (select count(*)::int from movie_summary_lists) as lists, (select count(*)::int from search_documents) as documents
         from movie_stats s`,
      )
    const written = await stats()
    expect(written).toMatchObject([{ rows: 20_434, alike: 20_434, lists: 20_434, documents: 20_434 }])
    await rows(url, 'select refresh_popularity(), refresh_trending(), refresh_summary_lists(null)')
    expect(await stats()).toEqual(written)
  }, 120_000)

  test('leaves nothing behind when it breaks off', async () => {
    const url = await cloneDatabase()
    const before = await schema(url)
    const crash = generate(url, 20_000, {
      onTitles: () => {
        throw new Error('crash')
      },
    })
    await expect(crash).rejects.toThrow('crash')
    expect(
      await one(
        url,
        'select (select count(*)::int from movies) as movies, (select count(*)::int from people) as people',
      ),
    ).toEqual({
      movies: 0,
      people: 0,
    })
    expect(await schema(url)).toEqual(before)
  })
})

describe('chance', () => {
  test('is Zipf-shaped where it is to be', () => {
    const random = randomFor(1, 9, 1)
    const counts = new Array<number>(1000).fill(0)
    for (let draw = 0; draw < 20_000; draw++) counts[zipfRank(random, 5, 0.8, 1000)]! += 1
    const sum = (from: number, to: number): number => counts.slice(from, to).reduce((a, b) => a + b, 0)
    expect(sum(0, 10)).toBeGreaterThan(sum(10, 100))
    expect(sum(10, 100)).toBeGreaterThan(sum(100, 1000))
    expect(sum(100, 1000)).toBeGreaterThan(500)
  })

  test('makes rare words that differ', () => {
    const words = new Set(Array.from({ length: 20_000 }, (_, serial) => madeUpWord('yo', serial)))
    expect(words.size).toBe(20_000)
  })

  test('makes two titles of twelve parts of others', () => {
    for (let block = 0; block < 500; block++) {
      const parts = Array.from({ length: 12 }, (_, place) => partOf(1, block * 12 + place))
      expect(parts.slice(0, 10).every((part) => part === null)).toBe(true)
      const [second, other] = parts.slice(10)
      expect(second).toEqual({ root: expect.any(Number), number: 2 })
      expect(other).not.toEqual(second)
      expect(other!.number === 3 ? other!.root === second!.root : other!.root !== second!.root).toBe(true)
    }
  })
})
