import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { refreshSearchStatistics } from '../../../src/domains/search/search.jobs.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'

let ctx: TestContext
let app: Awaited<ReturnType<typeof testApp>>

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

const keep = (word: string) => sql`select search_keep_common(array[${word}]::text[])`.execute(ctx.db)

async function kept(word: string): Promise<string[]> {
  const rows = await ctx.db.selectFrom('search_common_words').select('scope').where('word', '=', word).execute()
  return rows.map(({ scope }) => scope).sort()
}

type Found = { movie_id: string; rank: number; is_near: boolean; entries: number[]; words: string[] }
async function ask(fn: 'search_titles' | 'search_titles_anew', word: string, filter: string | null): Promise<Found[]> {
  const readings = JSON.stringify([{ terms: [word], quiet: [false], year: null, weight: 1 }])
  const { rows } = await sql<Found>`
    select * from ${sql.raw(fn)}(${readings}::jsonb, ${filter}::tsquery, '{}', 200) order by rank desc, movie_id desc`.execute(
    ctx.db,
  )
  return rows
}

const found = async (path: string, q: string): Promise<string[]> => {
  const answer = await app.inject({ url: `/api/v1/${path}?q=${q}&limit=100` })
  return answer.json().data.map(({ id }: { id: string }) => id)
}

describe('what a common word finds', () => {
  it('is kept just as it would be found, for both types and for each', async () => {
    for (const [index, type] of (['movie', 'series', 'movie'] as const).entries()) {
      await makeTitle(ctx.db, {
        title: `Keptword ${'More '.repeat(index)}Tale`,
        type,
        actors: [`Keptword Actor${index}`],
      })
    }
    await keep('keptword')
    expect(await kept('keptword')).toEqual(['all', 'movie', 'series'])
    for (const filter of [null, `'=tmovie'`, `'=tseries'`]) {
      const answer = await ask('search_titles', 'keptword', filter)
      expect(answer).toHaveLength(filter === null ? 3 : filter === `'=tmovie'` ? 2 : 1)
      expect(answer).toEqual(await ask('search_titles_anew', 'keptword', filter))
    }
    // Only what is kept could answer this.
    await sql`update search_common_words set answer = answer[1:1] where word = 'keptword' and scope = 'all'`.execute(
      ctx.db,
    )
    expect(await ask('search_titles', 'Keptword', null)).toHaveLength(1)
    expect(await ask('search_titles', 'keptword', `'=tmovie' & '=v'`)).toHaveLength(0)
  })

  it('is forgotten when a title with the word comes, is renamed or goes, which all show at once', async () => {
    const first = await makeTitle(ctx.db, { title: 'Lastingword' })
    await keep('lastingword')
    const second = await makeTitle(ctx.db, { title: 'Lastingword Again' })
    expect(await kept('lastingword')).toEqual([])
    expect(await found('search', 'lastingword')).toEqual([first.id, second.id])

    await keep('lastingword')
    await ctx.db.updateTable('movies').set({ title: 'Otherword' }).where('id', '=', first.id).execute()
    expect(await kept('lastingword')).toEqual([])

    await keep('lastingword')
    await ctx.db.deleteFrom('movies').where('id', '=', second.id).execute()
    expect(await kept('lastingword')).toEqual([])
    expect(await ask('search_titles', 'lastingword', null)).toEqual([])
  })

  it('is forgotten when the word comes to a plot', async () => {
    await makeTitle(ctx.db, { title: 'Betrayals' })
    await keep('betrayals')
    await makeTitle(ctx.db, { title: 'Quite Another', plot_summary: 'A wife betrayed takes her time.' })
    expect(await kept('betrayals')).toEqual([])
  })

  it('is kept daily for the commonest words, and for no others', async () => {
    await sql`
      insert into movies (type, slug, title, release_precision)
      select 'movie', 'many-' || n, 'Manyword ' || case when n = 1 then 'Rareword' else 'Tale' end, 'unknown'
      from generate_series(1, 500) n`.execute(ctx.db)
    await keep('rareword')
    await refreshSearchStatistics(ctx)
    expect(await kept('manyword')).toEqual(['all', 'movie', 'series'])
    expect(await kept('rareword')).toEqual([])
    expect(await found('movies/search', 'manyword')).toHaveLength(100)
  })
})
