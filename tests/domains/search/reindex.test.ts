import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../support/context.ts'
import { makeGenre, makeLanguage, makePerson, makeTitle } from '../../support/factories.ts'

let ctx: TestContext

beforeAll(async () => {
  ctx = await testContext()
  return () => ctx[Symbol.asyncDispose]()
})

/** Whether a word, in its namespace, or a filter's lexeme finds a title. */
async function finds(lexeme: string, id: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from search_documents where movie_id = ${id} and vector @@ (quote_literal(${lexeme}::text))::tsquery
    ) as found`.execute(ctx.db)
  return rows[0]!.found
}
const knows = async (word: string): Promise<boolean> =>
  (await ctx.db.selectFrom('search_words').select('word').where('word', '=', word).execute()).length === 1
const suggests = async (typed: string): Promise<string[]> => {
  const { rows } = await sql<{ movie_id: string }>`
    select movie_id from suggest_titles(${typed}, false, null, 10)`.execute(ctx.db)
  return rows.map(({ movie_id }) => movie_id)
}

describe('a title is found anew', () => {
  it('by a changed title, and no more by the former one', async () => {
    const { id } = await makeTitle(ctx.db, { title: 'Formerlane' })
    expect(await suggests('formerl')).toEqual([id])
    await ctx.db.updateTable('movies').set({ title: 'Presentlane' }).where('id', '=', id).execute()
    expect(await finds('presentlane', id)).toBe(true)
    expect(await finds('formerlane', id)).toBe(false)
    expect(await suggests('formerl')).toEqual([])
    expect(await suggests('presentl')).toEqual([id])
    expect(await knows('presentlane')).toBe(true)
  })

  it('by aliases that come, change and go', async () => {
    const { id } = await makeTitle(ctx.db)
    await ctx.db.insertInto('movie_aliases').values({ movie_id: id, name: 'Aliasone', kind: 'retitle' }).execute()
    expect(await finds('aliasone', id)).toBe(true)
    await ctx.db.updateTable('movie_aliases').set({ name: 'Aliastwo' }).where('movie_id', '=', id).execute()
    expect([await finds('aliasone', id), await finds('aliastwo', id)]).toEqual([false, true])
    await ctx.db.deleteFrom('movie_aliases').where('movie_id', '=', id).execute()
    expect(await finds('aliastwo', id)).toBe(false)
  })

  it('by credits, people’s names, their aliases and characters', async () => {
    const { id } = await makeTitle(ctx.db)
    const person = await makePerson(ctx.db, 'Personola Uchennam')
    const credit = { movie_id: id, person_id: person.id, role: 'director', character_name: 'Charactaro' } as const
    await ctx.db.insertInto('movie_credits').values(credit).execute()
    expect(await finds('@personola', id)).toBe(true)
    expect(await finds('@charactaro', id)).toBe(true)
    expect(await finds(`=d${person.id}`, id)).toBe(true)
    await ctx.db.updateTable('people').set({ name: 'Renamola Uchennam' }).where('id', '=', person.id).execute()
    expect([await finds('@personola', id), await finds('@renamola', id)]).toEqual([false, true])
    await ctx.db.insertInto('person_aliases').values({ person_id: person.id, name: 'Stagenama' }).execute()
    expect(await finds('@stagenama', id)).toBe(true)
    await ctx.db.deleteFrom('person_aliases').where('person_id', '=', person.id).execute()
    expect(await finds('@stagenama', id)).toBe(false)
    await ctx.db.deleteFrom('movie_credits').where('movie_id', '=', id).execute()
    expect(await finds('@renamola', id)).toBe(false)
  })

  it('by genres, languages and companies, and by their new names', async () => {
    const { id } = await makeTitle(ctx.db, { genres: ['folklore'], companies: ['Kompani Films'] })
    await makeLanguage(ctx.db, 'ig')
    await ctx.db.insertInto('movie_languages').values({ movie_id: id, language: 'ig' }).execute()
    expect(await finds('#folklore', id)).toBe(true)
    expect(await finds('=gfolklore', id)).toBe(true)
    expect(await finds('=lig', id)).toBe(true)
    expect(await finds('#kompani', id)).toBe(true)
    const genre = await makeGenre(ctx.db, 'folklore')
    await ctx.db
      .updateTable('genres')
      .set({ name: 'Fairytale', slug: 'fairytale' })
      .where('id', '=', genre.id)
      .execute()
    expect([await finds('#folklore', id), await finds('#fairytale', id)]).toEqual([false, true])
    await ctx.db.updateTable('companies').set({ name: 'Newco' }).where('name', '=', 'Kompani Films').execute()
    expect(await finds('#newco', id)).toBe(true)
    await ctx.db.deleteFrom('movie_genres').where('movie_id', '=', id).execute()
    expect(await finds('=gfairytale', id)).toBe(false)
  })

  it('by the name of its story, when that changes', async () => {
    const first = await makeTitle(ctx.db, { title: 'Storyname' })
    const second = await makeTitle(ctx.db, { title: 'The Return', part_of: first.id, part_number: 2 })
    expect(await finds('storyname', second.id)).toBe(true)
    await ctx.db.updateTable('movies').set({ title: 'Othername' }).where('id', '=', first.id).execute()
    expect([await finds('storyname', second.id), await finds('othername', second.id)]).toEqual([false, true])
  })

  it('by ratings and reviews', async () => {
    const { id } = await makeTitle(ctx.db)
    await ctx.db
      .updateTable('movie_stats')
      .set({ review_count: 2, rating_sum: 15 })
      .where('movie_id', '=', id)
      .execute()
    expect([await finds('=v', id), await finds('=r7.5', id)]).toEqual([true, true])
    await ctx.db.updateTable('movie_stats').set({ review_count: 0, rating_sum: 0 }).where('movie_id', '=', id).execute()
    expect([await finds('=v', id), await finds('=r7.5', id)]).toEqual([false, false])
  })

  it('not at all when it is gone', async () => {
    const { id } = await makeTitle(ctx.db, { title: 'Gonefilm', actors: ['Gone Actor'], aliases: ['Gonealias'] })
    await ctx.db.deleteFrom('movies').where('id', '=', id).execute()
    expect(await suggests('gonef')).toEqual([])
    for (const table of ['search_documents', 'search_names', 'search_starts'] as const) {
      expect(await ctx.db.selectFrom(table).select('movie_id').where('movie_id', '=', id).execute()).toEqual([])
    }
  })
})

describe('a bulk load', () => {
  it('says that it refreshes by itself, and then does', async () => {
    const { id } = await ctx.db.transaction().execute(async (tx) => {
      await sql`set local lemonnpie.search_index = 'deferred'`.execute(tx)
      return makeTitle(tx, { title: 'Deferredfilm' })
    })
    expect(await finds('deferredfilm', id)).toBe(false)
    await sql`select search_refresh_all()`.execute(ctx.db)
    expect(await finds('deferredfilm', id)).toBe(true)
    expect(await suggests('deferr')).toEqual([id])
    const indexes = await sql<{ count: number }>`
      select count(*)::integer as count from pg_indexes where tablename like 'search\\_%' and indexname not like '%pkey'`.execute(
      ctx.db,
    )
    expect(indexes.rows[0]!.count).toBe(9)
  })

  it('keeps nobody from reading and reviewing titles meanwhile', async () => {
    const { id } = await makeTitle(ctx.db)
    await ctx.db.transaction().execute(async (load) => {
      await sql`select search_refresh_all()`.execute(load)
      const read = await ctx.db.transaction().execute(async (tx) => {
        await sql`set local lock_timeout = '1s'`.execute(tx)
        return tx.selectFrom('movies').select('id').where('id', '=', id).forKeyShare().execute()
      })
      expect(read).toEqual([{ id }])
    })
  })

  it('is what one by one gives', async () => {
    const all = () => sql`select * from search_documents order by movie_id`.execute(ctx.db).then(({ rows }) => rows)
    const before = await all()
    await sql`select search_refresh_all()`.execute(ctx.db)
    expect(await all()).toEqual(before)
  })
})

describe('statistics', () => {
  it('count words, and forget those that are nowhere', async () => {
    const { id } = await makeTitle(ctx.db, { title: 'Countedword' })
    await makeTitle(ctx.db, { title: 'Countedword Again' })
    await ctx.db.updateTable('movies').set({ title: 'Countedword Onceagain' }).where('id', '=', id).execute()
    await ctx.db.updateTable('movies').set({ title: 'Countedword' }).where('id', '=', id).execute()
    expect(await knows('onceagain')).toBe(true)
    await sql`select search_refresh_statistics()`.execute(ctx.db)
    expect(await knows('onceagain')).toBe(false)
    const { name_count } = await ctx.db
      .selectFrom('search_words')
      .select('name_count')
      .where('word', '=', 'countedword')
      .executeTakeFirstOrThrow()
    expect(name_count).toBe(2)
  })

  it('sort titles into tiers, and popularity moves them', async () => {
    await sql`
      insert into movies (type, slug, title, release_precision)
      select 'movie', 'tiered-' || n, 'Tiered ' || n, 'unknown' from generate_series(1, 2100) n`.execute(ctx.db)
    await sql`select search_refresh_statistics()`.execute(ctx.db)
    const { rows } = await sql<{ tier: number; count: number }>`
      select tier, count(*)::integer from search_documents group by tier order by tier`.execute(ctx.db)
    expect(rows[0]).toEqual({ tier: 0, count: 2000 })
    const low = await ctx.db
      .selectFrom('search_documents')
      .select('movie_id')
      .where('tier', '=', 1)
      .executeTakeFirstOrThrow()
    await ctx.db.updateTable('movie_stats').set({ popularity: 1 }).where('movie_id', '=', low.movie_id).execute()
    expect(await finds('=k0', low.movie_id)).toBe(true)
    expect(await finds('=k1', low.movie_id)).toBe(false)
  })
})

describe('writers at the same time', () => {
  it('neither wait for each other for ever nor lose what the other wrote', async () => {
    const { id } = await makeTitle(ctx.db, { title: 'Sharedfilm' })
    const writers = Array.from({ length: 12 }, (_, n) =>
      ctx.db.transaction().execute(async (tx) => {
        const name = `Newword${n % 3} Commonword Writer${n}`
        await tx.insertInto('movie_aliases').values({ movie_id: id, name, kind: 'retitle', position: n }).execute()
        await makeTitle(tx, { title: `Commonword ${n} Newword${(n + 1) % 3}` })
      }),
    )
    await Promise.all(writers)
    for (let n = 0; n < 12; n += 1) expect(await finds(`writer${n}`, id), `writer${n}`).toBe(true)
  })
})
