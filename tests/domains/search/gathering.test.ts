import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'

const words = ['gantara', 'pelumba', 'tsorwe', 'wunduri', 'yakubaro']
const popularities = [0.2, 0.9, 0.5]

let ctx: TestContext
let withAll: string[]

beforeAll(async () => {
  ctx = await testContext()
  const ids: string[] = []
  for (const popularity of popularities) {
    ids.push((await makeTitle(ctx.db, { title: words.join(' '), stats: { popularity } })).id)
  }
  withAll = [ids[1]!, ids[2]!, ids[0]!]
  for (const [at, left] of words.entries()) {
    const title = words.filter((word) => word !== left).join(' ')
    await makeTitle(ctx.db, { title, type: 'series', stats: { popularity: 0.95 - at / 100 } })
  }
  // Or there were too few titles for anything to be looked for in some of them first.
  await sql`update search_statistics set documents = 1000000`.execute(ctx.db)
  return () => ctx[Symbol.asyncDispose]()
})

interface Retrieval {
  readonly filter?: string
  readonly phrases?: string[]
  readonly wanted?: number
}

/** titles is how many the caller expects: few are asked for at once, many in the first tiers. */
async function retrieve(operands: string[], titles: number, { filter, phrases, wanted = 10 }: Retrieval = {}) {
  const { rows } = await sql<{ ids: string[] }>`
    select search_retrieve(${operands}::text[], ${filter ?? null}::tsquery, ${phrases ?? null}::text[], ${wanted}::integer, ${titles}) as ids`.execute(
    ctx.db,
  )
  return rows[0]!.ids
}

describe.each([
  ['at once', 0],
  ['in the first tiers', 100_000],
])('what is retrieved %s', (_way, titles) => {
  it.each([1, 2, 3, 4, 5])('has all of %i words, the best known first', async (count) => {
    const found = await retrieve(
      words.slice(0, count).map((word) => `'${word}'`),
      titles,
    )
    expect(found.filter((id) => withAll.includes(id))).toEqual(withAll)
    expect(found.length).toBe(withAll.length + words.length - count)
  })

  it('has one of the alternatives of each word', async () => {
    const operands = [`('${words[0]}'|'nosuchword')`, `('nosuchword'|'@nobody'|'${words[1]}')`]
    expect((await retrieve(operands, titles)).length).toBe(withAll.length + words.length - 2)
    expect(await retrieve([operands[0]!, `('nosuchword')`], titles)).toEqual([])
  })

  it.each([1, 2, 3, 5])('is narrowed by a filter and by phrases beside %i words', async (count) => {
    const operands = words.slice(0, count).map((word) => `'${word}'`)
    expect(await retrieve(operands, titles, { filter: `'=tmovie'` })).toEqual(withAll)
    expect(await retrieve(operands, titles, { filter: `!'=tseries'` })).toEqual(withAll)
    expect(await retrieve(operands, titles, { phrases: [words.join(' ')] })).toEqual(withAll)
  })

  it('is no more than wanted, and nothing without words', async () => {
    expect(await retrieve([`'${words[0]}'`], titles, { filter: `'=tmovie'`, wanted: 2 })).toEqual(withAll.slice(0, 2))
    expect(await retrieve([], titles)).toEqual([])
    expect(await retrieve([''], titles)).toEqual([])
  })
})

it('reads the 2,000 best known titles of a tier for a phrase, and no more', async () => {
  const own = await testContext()
  await own.db.transaction().execute(async (load) => {
    await sql`set local lemonnpie.search_index = 'deferred'`.execute(load)
    // The best known and the least known have the words in a row.
    await sql`
      insert into movies (type, slug, title, release_precision, release_year)
      select 'movie', 'phrase-' || n, case when n in (1, 2001) then 'Teluwa Kombari' else 'Kombari Teluwa' end, 'year', 2000
      from generate_series(1, 2001) n`.execute(load)
    await sql`
      update movie_stats s set popularity = 1 - split_part(m.slug, '-', 2)::real / 10000 from movies m where m.id = s.movie_id`.execute(
      load,
    )
    await sql`select search_refresh_all()`.execute(load)
  })
  const operands = [`'kombari'`, `'teluwa'`]
  const { rows } = await sql<{ slug: string }>`
    select m.slug from unnest(search_retrieve(${operands}::text[], null, array['teluwa kombari'], 10, 5000)) id
    join movies m using (id)`.execute(own.db)
  expect(rows).toEqual([{ slug: 'phrase-1' }])
  await own[Symbol.asyncDispose]()
})

/** Titles of three tiers, every third of them with the word, of which the best known are wanted. */
it('is the best known over all tiers, however many were expected', async () => {
  const own = await testContext()
  await own.db.transaction().execute(async (load) => {
    await sql`set local lemonnpie.search_index = 'deferred'`.execute(load)
    await sql`
      insert into movies (type, slug, title, release_precision, release_year)
      select 'movie', 'tier-' || n, case when n % 3 = 0 then 'Kombari Teluwa' else 'Other' end, 'year', 2000
      from generate_series(1, 8000) n`.execute(load)
    await sql`
      update movie_stats s set popularity = split_part(m.slug, '-', 2)::real / 10000 from movies m where m.id = s.movie_id`.execute(
      load,
    )
    await sql`select search_refresh_all()`.execute(load)
  })
  const tiers = await sql<{ tier: number; count: number }>`
    select tier, count(*)::integer as count from search_documents group by tier order by tier`.execute(own.db)
  expect(tiers.rows.map(({ count }) => count)).toEqual([2000, 5000, 1000])
  const out = await sql<{ count: number }>`
    select count(*)::integer as count from (
      select popularity < lead(popularity) over (order by ctid) as is_before from search_documents) d where is_before`.execute(
    own.db,
  )
  expect(out.rows).toEqual([{ count: 0 }])
  const astray = await sql`
    select from search_starts s join search_documents d using (movie_id) where s.tier <> search_starts_tier(d.tier)`.execute(
    own.db,
  )
  expect(astray.rows).toEqual([])
  const best = (wanted: number) => Array.from({ length: Math.min(wanted, 2666) }, (_, n) => `tier-${7998 - 3 * n}`)
  for (const operands of [
    [`'kombari'`],
    [`'kombari'`, `'teluwa'`],
    [`'kombari'`, `'teluwa'`, `'kombari'`, `'teluwa'`],
  ]) {
    for (const titles of [0, 100, 3000, 100_000]) {
      for (const [wanted, keys] of [
        [10, 3],
        [700, 3],
        [3000, 3],
        [700, 2],
      ] as const) {
        const { rows } = await sql<{ slug: string }>`
          select m.slug from unnest(search_retrieve(${operands}::text[], null, null, ${wanted}::integer, ${titles}, ${keys}))
            with ordinality f (id, place) join movies m using (id) order by f.place`.execute(own.db)
        expect(
          rows.map(({ slug }) => slug),
          `${operands} ${titles} ${wanted} ${keys}`,
        ).toEqual(best(wanted))
      }
    }
  }
  await own[Symbol.asyncDispose]()
}, 60_000)

it('expects as many titles with all words as chance gives, and no more than the rarest has', async () => {
  const { rows } = await sql<{ chance: number; least: number }>`
    select search_estimate(array[(1, null, null, 50)::search_term, (2, null, null, 20)::search_term], 100) as chance,
      search_estimate(array[(1, null, null, 100)::search_term, (2, null, null, 20)::search_term], 100) as least`.execute(
    ctx.db,
  )
  expect(rows[0]!.chance).toBeCloseTo(10)
  expect(rows[0]!.least).toBeCloseTo(20)
})
