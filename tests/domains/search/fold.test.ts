import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../support/context.ts'

let ctx: TestContext

beforeAll(async () => {
  ctx = await testContext({ seeded: true })
  // What fold does to any text, plain words or not.
  await sql`
    create function fold_any(value text) returns text language sql immutable as $$
      select btrim(regexp_replace(replace(translate(
        lower(unaccent_immutable(regexp_replace(normalize(value, nfd), '[\u0300-\u036f]', '', 'g'))), '''’‘ʼʻ\`´ʹ′', ''),
        '&', ' and '), '[^[:alnum:]]+', ' ', 'g')) $$`.execute(ctx.db)
  return () => ctx[Symbol.asyncDispose]()
})

async function folded(texts: readonly string[]): Promise<[text: string, short: string, any: string][]> {
  const { rows } = await sql<{ text: string; short: string; any: string }>`
    select text, fold(text) as short, fold_any(text) as any from unnest(${texts}::text[]) text`.execute(ctx.db)
  return rows.map(({ text, short, any }) => [text, short, any])
}

describe('fold, which writes plain words small and no more,', () => {
  it.each([
    ['Living in Bondage', 'living in bondage'],
    ['Omo Ghetto 2', 'omo ghetto 2'],
    ['  Two  spaces ', 'two spaces'],
    ["Sani Mu'azu", 'sani muazu'],
    ['Ẹ̀gbẹ́ & Ọmọ', 'egbe and omo'],
    ['Line\nend', 'line end'],
    ['End\n', 'end'],
    ['Ünlü İş', 'unlu is'],
    ['ſ K', 's k'],
    ['', ''],
  ])('makes %j %j', async (text, expected) => {
    expect(await folded([text])).toEqual([[text, expected, expected]])
  })

  it('is null of null', async () => {
    const { rows } = await sql`select fold(null) as folded`.execute(ctx.db)
    expect(rows).toEqual([{ folded: null }])
  })

  it('makes of all texts of the catalogue what it makes of any', async () => {
    const { rows } = await sql<{ text: string; plain: boolean }>`
      select text, fold(text) = lower(text) as plain from (
        select title as text from movies union select local_title from movies union select plot_summary from movies
        union select name from movie_aliases union select name from people union select name from person_aliases
        union select character_name from movie_credits union select name from companies union select name from languages
      ) t where text is not null and fold(text) is distinct from fold_any(text)
      union all select min(text), true from (select title as text from movies where fold(title) = lower(title)) t`.execute(
      ctx.db,
    )
    // The one row says that there were plain titles to compare.
    expect(rows).toEqual([{ text: expect.any(String), plain: true }])
  })

  it('makes of random texts what it makes of any', async () => {
    const letters = fc.constantFrom(...'aZ09 ', 'ẹ', '\u0301', "'", '&', '.', 'İ', 'ß', 'ﬁ', '\t', '\n')
    const text = fc.oneof(
      fc.string({ unit: letters, maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.toWellFormed().replaceAll('\0', '')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 100, maxLength: 100 }), async (texts) => {
        for (const [value, short, any] of await folded(texts)) expect([value, short]).toEqual([value, any])
      }),
      { numRuns: 40 },
    )
  })
})
