import { beforeAll, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

/** Queries made from the titles themselves, so that no ranking can be fitted to a list of them. */

let ctx: TestContext
let app: App
let titles: ReadonlyArray<{ slug: string; words: readonly string[] }>

beforeAll(async () => {
  ctx = await testContext({ seeded: true })
  app = await testApp(ctx)
  const rows = await ctx.db.selectFrom('movies').select(['slug', 'folded_title']).orderBy('slug').execute()
  titles = rows.map(({ slug, folded_title }) => ({ slug, words: folded_title.split(' ') }))
  return () => ctx[Symbol.asyncDispose]()
})

/** The same numbers on every run (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
type Numbers = ReturnType<typeof numbersFrom>

/** A letter left out, put in, replaced, or swapped with the next. */
function slip(text: string, below: Numbers): string {
  const at = 1 + below(text.length - 2)
  const letter = String.fromCharCode(97 + below(26))
  const [before, here, after] = [text.slice(0, at), text[at], text.slice(at + 1)]
  return [
    before + after,
    before + letter + here + after,
    before + letter + after,
    before + after[0] + here + after.slice(1),
  ][below(4)]!
}

const shuffled = (words: readonly string[], below: Numbers): string =>
  words
    .map((word) => [below(1000), word] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, word]) => word)
    .join(' ')

const kinds: Readonly<Record<string, (words: readonly string[], below: Numbers) => string | undefined>> = {
  'one slip': (words, below) => (words.join('').length >= 6 ? slip(words.join(' '), below) : undefined),
  'two slips': (words, below) => (words.join('').length >= 10 ? slip(slip(words.join(' '), below), below) : undefined),
  'joined words': (words) => (words.length > 1 ? words.join('') : undefined),
  'another order': (words, below) => (words.length > 1 ? shuffled(words, below) : undefined),
  'a word left out': (words, below) =>
    words.length > 3 ? words.toSpliced(below(words.length), 1).join(' ') : undefined,
  'words about asking': (words) => `watch ${words.join(' ')} full movie`,
}

it.each(Object.keys(kinds))('finds titles by %s', async (kind) => {
  const below = numbersFrom(kind.length)
  const asked = titles
    .map(({ slug, words }) => ({ slug, same: words.join(' '), query: kinds[kind]!(words, below) }))
    .filter(({ query }) => query !== undefined && below(5) === 0)
  const misses: string[] = []
  for (const { slug, same, query } of asked) {
    const answer = await app.inject({ url: '/api/v1/search', query: { q: query!, limit: '1' } })
    const [first] = answer.json<{ data: Array<{ slug: string }> }>().data
    const found = titles.find((title) => title.slug === first?.slug)
    // Two titles may have one name.
    if (found?.slug !== slug && found?.words.join(' ') !== same) misses.push(`${query} → ${first?.slug ?? 'nothing'}`)
  }
  expect(asked.length).toBeGreaterThan(10)
  expect(1 - misses.length / asked.length, misses.join('\n')).toBeGreaterThanOrEqual(0.95)
})
