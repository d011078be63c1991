import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CatalogueEntry } from '../../scripts/seed/catalogue-entry.ts'
import { CatalogueError } from '../../scripts/seed/catalogue-problems.ts'
import { type SeedOptions, seedCatalogue } from '../../scripts/seed/seed-catalogue.ts'
import { cloneDatabase, withClient } from '../support/databases.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lemonnpie-seed-'))
  return () => rm(folder, { recursive: true })
})

type Entry = Partial<{ [K in keyof CatalogueEntry]: CatalogueEntry[K] | null }> & { id: string }
const film = (id: string, more: Partial<Entry> = {}): Entry => ({ title: id, type: 'movie', ...more, id })

async function importing(url: string, entries: readonly object[], options: SeedOptions = {}) {
  const file = path.join(folder, `${crypto.randomUUID()}.json`)
  await writeFile(file, JSON.stringify(entries))
  return seedCatalogue(url, { ...options, file })
}

const rowsOf = <T extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<T[]> =>
  withClient(url, async (client) => (await client.query<T>(sql, values)).rows)

/** Every row of every table, to tell whether anything changed. */
async function everything(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const tables = await client.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
       where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
    )
    let all = ''
    for (const { name } of tables.rows) {
      const rows = await client.query(`select t::text from ${name} t order by 1`)
      all += `${name} ${JSON.stringify(rows.rows)}\n`
    }
    return all
  })
}

describe('the shipped catalogue', () => {
  let url: string
  beforeAll(async () => {
    url = await cloneDatabase({ seeded: true })
  })

  test('is in, whole', async () => {
    const [counts] = await rowsOf(
      url,
      `select (select count(*)::int from movies) as movies, (select count(*)::int from movie_stats) as stats,
         (select count(*)::int from people) as people, (select count(*)::int from featured_movies) as featured,
         (select count(*)::int from movies where part_of is not null) as parts,
         (select count(*)::int from movie_stats where popularity > 0) as popular,
         (select count(*)::int from movie_trending) > 0 as trending,
         (select count(*)::int from search_documents) as documents`,
    )
    expect(counts).toEqual({
      movies: 434,
      stats: 434,
      people: 1514,
      featured: 10,
      parts: 12,
      popular: 434,
      trending: true,
      documents: 434,
    })
  })

  test('changes nothing when it is imported again', async () => {
    const before = await everything(url)
    const report = await seedCatalogue(url)
    expect(report.titles).toEqual({ inserted: 0, updated: 0, unchanged: 434 })
    expect(report.people).toEqual({ inserted: 0, existing: 1514 })
    expect(await everything(url)).toBe(before)
  })

  test('has facts as the file has them', async () => {
    const [title] = await rowsOf(
      url,
      `select title, local_title, release_date::text, release_year, release_precision, box_office_ng, box_office_note,
         (select array_agg(l.language order by l.language) from movie_languages l where l.movie_id = m.id) as languages,
         (select p.slug from movies p where p.id = m.part_of) as part_of, part_number
       from movies m where slug = 'omo-ghetto-the-saga-2020'`,
    )
    expect(title).toEqual({
      title: 'Omo Ghetto: The Saga',
      local_title: 'Ọmọ Ghetto: The Saga',
      release_date: '2020-12-25',
      release_year: 2020,
      release_precision: 'day',
      box_office_ng: '₦636,129,120',
      box_office_note: 'as reported by thenationonlineng.net',
      languages: ['en', 'pcm', 'yo'],
      part_of: 'omo-ghetto-2010',
      part_number: 2,
    })
  })

  test('makes one person of spellings, and one credit of two mentions', async () => {
    const credits = await rowsOf(
      url,
      `select p.name, c.character_name from movie_credits c join people p on p.id = c.person_id
       join movies m on m.id = c.movie_id where m.slug = '4th-republic-2019' and fold(p.name) = 'sani muazu'`,
    )
    expect(credits).toEqual([{ name: "Sani Mu'azu", character_name: 'Governor Idris Sanni' }])
  })

  test('leaves a database alone that has titles, when only an empty one is to be filled', async () => {
    const other = await cloneDatabase()
    await importing(other, [film('one-2001')])
    expect((await seedCatalogue(other, { onlyWhenEmpty: true })).titles.inserted).toBe(0)
    expect(await rowsOf(other, 'select slug from movies')).toEqual([{ slug: 'one-2001' }])
  })
})

describe('importing a file', () => {
  let url: string
  beforeAll(async () => {
    url = await cloneDatabase()
  })

  test('updates what it says and keeps what it does not know', async () => {
    const first = film('changing-2001', {
      year: 2001,
      release_date: '2001-05-06',
      runtime_minutes: 90,
      plot_summary: 'A story.',
      genres: ['Drama', 'War'],
      languages: ['Yoruba'],
      cast: [{ name: 'Ada One' }, { name: 'Bisi Two', character: 'Queen' }],
      directors: ['Chidi Three'],
      production_companies: ['Alpha Films', 'Beta Films'],
      alternate_titles: ['Another Name'],
    })
    expect((await importing(url, [first])).titles).toEqual({ inserted: 1, updated: 0, unchanged: 0 })
    const second = film('changing-2001', {
      title: 'Changed',
      year: 2001,
      genres: ['War'],
      cast: [{ name: 'Bisi Two', character: 'Queen' }],
      directors: null,
    })
    const report = await importing(url, [second, film('new-2002')])
    expect(report.titles).toEqual({ inserted: 1, updated: 1, unchanged: 0 })
    expect((await importing(url, [second, film('new-2002')])).titles).toEqual({ inserted: 0, updated: 0, unchanged: 2 })
    const [row] = await rowsOf(
      url,
      `select title, release_date::text, runtime, plot_summary, updated_at > created_at as touched,
         (select array_agg(g.slug) from movie_genres x join genres g on g.id = x.genre_id where movie_id = m.id) as genres,
         (select array_agg(language) from movie_languages where movie_id = m.id) as languages,
         (select array_agg(name order by position) from movie_companies join companies on companies.id = company_id
          where movie_id = m.id) as companies,
         (select array_agg(name) from movie_aliases where movie_id = m.id) as aliases,
         (select array_agg(role || ' ' || p.name || ' ' || billing_order order by role) from movie_credits
          join people p on p.id = person_id where movie_id = m.id) as credits
       from movies m where slug = 'changing-2001'`,
    )
    expect(row).toEqual({
      title: 'Changed',
      release_date: '2001-05-06',
      runtime: 90,
      plot_summary: 'A story.',
      touched: true,
      genres: ['war'],
      languages: ['yo'],
      companies: ['Alpha Films', 'Beta Films'],
      aliases: ['Another Name'],
      credits: ['actor Bisi Two 0', 'director Chidi Three 0'],
    })
  })

  test('keeps an editor’s part and finds a title by its former slug', async () => {
    await importing(url, [
      film('saga-2003', { title: 'Saga', year: 2003 }),
      film('saga-2-2004', { title: 'Saga 2', year: 2004 }),
    ])
    await rowsOf(url, `update movies set part_of = null, part_number = 7 where slug = 'saga-2-2004'`)
    await rowsOf(
      url,
      `with renamed as (update movies set slug = 'saga-the-second-2004' where slug = 'saga-2-2004' returning id)
       insert into movie_former_slugs (slug, movie_id) select 'saga-2-2004', id from renamed`,
    )
    const report = await importing(url, [film('saga-2-2004', { title: 'Saga 2', year: 2004 })])
    expect(report.titles).toEqual({ inserted: 0, updated: 0, unchanged: 1 })
    expect(await rowsOf(url, `select slug, part_of, part_number from movies where title = 'Saga 2'`)).toEqual([
      { slug: 'saga-the-second-2004', part_of: null, part_number: 7 },
    ])
  })

  test('leaves stories with one first part each, whatever an editor made of them', async () => {
    const saga = ['', ' 2', ' 3'].map((part, at) =>
      film(`round${part.replace(' ', '-')}-200${at}`, { title: `Round${part}`, year: 2000 + at }),
    )
    await importing(url, saga.slice(0, 2))
    await rowsOf(
      url,
      `with second as (update movies set part_of = null, part_number = null where slug = 'round-2-2001' returning id)
       update movies set part_of = second.id, part_number = 2 from second where slug = 'round-2000'`,
    )
    await importing(url, saga)
    const parts = await rowsOf(
      url,
      `select m.slug, f.slug as part_of from movies m left join movies f on f.id = m.part_of
       where m.slug like 'round-%' order by 1`,
    )
    expect(parts).toEqual([
      { slug: 'round-2-2001', part_of: null },
      { slug: 'round-2000', part_of: 'round-2-2001' },
      { slug: 'round-3-2002', part_of: 'round-2-2001' },
    ])
  })

  test('waits for the catalogue’s editors', async () => {
    await withClient(url, async (editor) => {
      await editor.query("begin; select pg_advisory_xact_lock(hashtext('catalogue'))")
      let done = false
      const imported = importing(url, [film('patient-2020')]).then(() => {
        done = true
      })
      await expect
        .poll(() => rowsOf(url, `select 1 from pg_locks where locktype = 'advisory' and not granted`), {
          timeout: 10_000,
        })
        .toHaveLength(1)
      expect(done).toBe(false)
      await editor.query('commit')
      await imported
    })
  })

  test('continues a title that an earlier import brought', async () => {
    await importing(url, [film('earlier-2005', { title: 'Éarlier', year: 2005 })])
    await importing(url, [film('earlier-2-2006', { title: 'Earlier 2', year: 2006 })])
    const [part] = await rowsOf(
      url,
      `select f.slug, m.part_number from movies m join movies f on f.id = m.part_of where m.slug = 'earlier-2-2006'`,
    )
    expect(part).toEqual({ slug: 'earlier-2005', part_number: 2 })
  })

  test('finds people by other names, and gives people whose slugs collide slugs of their own', async () => {
    await importing(url, [film('p1', { directors: ['Stephanie Okereke', 'Zainab Umar', 'A-B'] })])
    await importing(url, [film('p2', { directors: ['Stephanie Linus', 'Zàinab Umar', 'AB'], writers: ['A B'] })])
    const people = await rowsOf(
      url,
      `select p.slug, count(*)::int as credits from movie_credits c join people p on p.id = c.person_id
       join movies m on m.id = c.movie_id where m.slug in ('p1', 'p2') group by p.slug order by 1`,
    )
    expect(people).toEqual([
      { slug: 'a-b', credits: 2 },
      { slug: 'ab', credits: 1 },
      { slug: 'stephanie-linus', credits: 2 },
      { slug: 'zainab-umar', credits: 2 },
    ])
  })

  test('indexes for search what it touched, and what is found by it', async () => {
    const other = await cloneDatabase({ seeded: true })
    await importing(other, [film('s1-2001', { title: 'Quartz', year: 2001, directors: ['Zulaihat Abc'] })])
    await importing(other, [
      film('s2-2002', { title: 'Quartz 2', year: 2002, directors: ['Zulaihat Abc (Mama Quetzal)'] }),
    ])
    await importing(other, [film('s1-2001', { title: 'Onyx', year: 2001, alternate_titles: ['Quartz'] })])
    const found = (word: string) =>
      rowsOf(
        other,
        `select m.slug from search_documents d join movies m on m.id = d.movie_id where $1 = any (d.words) order by 1`,
        [word],
      )
    // By the alias that a later import gave to the director of both, and by the new name of the first part.
    expect(await found('quetzal')).toEqual([{ slug: 's1-2001' }, { slug: 's2-2002' }])
    expect(await found('onyx')).toEqual([{ slug: 's1-2001' }, { slug: 's2-2002' }])
  })

  test('imports nothing of a file with a mistake', async () => {
    const before = await everything(url)
    const broken = importing(url, [film('good-2001'), film('bad-2001', { year: 1 })])
    await expect(broken).rejects.toThrow(CatalogueError)
    expect(await everything(url)).toBe(before)
  })

  test('leaves nothing behind when it breaks off, at whatever step', async () => {
    const entries = [
      film('crash-2001', { title: 'Changed', cast: [{ name: 'New Person' }] }),
      film('changing-2001', { title: 'Again' }),
    ]
    const before = await everything(url)
    const steps: string[] = []
    for (let last = 0; last < 100; last++) {
      let count = 0
      const crash = importing(url, entries, {
        onProgress: (step) => {
          if (count++ === last) {
            steps.push(step)
            throw new Error('crash')
          }
        },
      })
      const outcome = await crash.then(
        () => 'done',
        (error: Error) => error.message,
      )
      if (outcome === 'done') break
      expect(outcome).toBe('crash')
      expect(await everything(url)).toBe(before)
    }
    expect(steps.length).toBeGreaterThan(4)
    expect(await everything(url)).not.toBe(before)
  })

  test('makes a film a series when the file says so, and counts follow', async () => {
    const before = film('typed-2001', { genres: ['Legal'], languages: ['Tiv'] })
    await importing(url, [before])
    const counts = `select movie_count, series_count from genres where slug = 'legal'
      union all select movie_count, series_count from languages where code = 'tiv'`
    expect(await rowsOf(url, counts)).toEqual(Array(2).fill({ movie_count: 1, series_count: 0 }))
    const report = await importing(url, [film('typed-2001', { type: 'series', genres: ['Legal'] })])
    expect(report.titles).toEqual({ inserted: 0, updated: 1, unchanged: 0 })
    expect(await rowsOf(url, counts)).toEqual(Array(2).fill({ movie_count: 0, series_count: 1 }))
  })

  test('two at once make one of each title', async () => {
    const other = await cloneDatabase()
    const reports = await Promise.all([seedCatalogue(other), seedCatalogue(other)])
    expect(reports.map((report) => report.titles.inserted).sort()).toEqual([0, 434])
  })
})
