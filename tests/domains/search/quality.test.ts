import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

interface Case {
  readonly query: string
  readonly kind: string
  readonly expect_id: string
  readonly accept_any_of?: readonly string[]
}

const casesOf = (file: string): readonly Case[] =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, '..', '..', 'fixtures', file), 'utf8'))
const cases = casesOf('search-cases.json')
/** Made by hand over the shipped catalogue, and what the reading of sentences and plots was tuned on. */
const ownCases = casesOf('own-search-cases.json')
const suggested = new Set(['partial-prefix', 'prefix-with-typo'])

let ctx: TestContext
let app: App

beforeAll(async () => {
  ctx = await testContext({ seeded: true })
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

/** Where among the first 20 the first right answer stands, from 0; -1 if nowhere. */
async function placeOf(path: string, { query, expect_id, accept_any_of = [] }: Case): Promise<number> {
  const right = new Set([expect_id, ...accept_any_of])
  const answer = await app.inject({ url: `/api/v1${path}`, query: { q: query, limit: '20' } })
  expect(answer.statusCode, query).toBe(200)
  return answer.json<{ data: Array<{ slug: string }> }>().data.findIndex(({ slug }) => right.has(slug))
}

interface Report {
  readonly hit1: number
  readonly hit5: number
  readonly misses: readonly string[]
  readonly byKind: string
}

async function report(chosen: readonly Case[], pathOf: (asked: Case) => string): Promise<Report> {
  const places: Array<Case & { readonly place: number }> = []
  // As many at once as there are connections: on a busy machine the last of hundreds would wait too long for one.
  for (let at = 0; at < chosen.length; at += 5) {
    const some = chosen.slice(at, at + 5)
    places.push(...(await Promise.all(some.map(async (one) => ({ ...one, place: await placeOf(pathOf(one), one) })))))
  }
  const share = (of: typeof places, last: number) =>
    of.filter(({ place }) => place >= 0 && place < last).length / of.length
  const byKind = [...Map.groupBy(places, ({ kind }) => kind)].map(
    ([kind, of]) =>
      `${kind.padEnd(28)} ${String(of.length).padStart(3)}  @1 ${share(of, 1).toFixed(3)}  @5 ${share(of, 5).toFixed(3)}`,
  )
  return {
    hit1: share(places, 1),
    hit5: share(places, 5),
    misses: places.filter(({ place }) => place !== 0).map(({ kind, query, place }) => `${kind}: ${query} → ${place}`),
    byKind: byKind.join('\n'),
  }
}

const byId = async () => {
  const rows = await ctx.db.selectFrom('movies').select(['slug', 'type']).execute()
  return new Map(rows.map(({ slug, type }) => [slug, type]))
}

it('finds what people look for, over films and series together, what is not typed to its end too', async () => {
  const { hit1, hit5, misses, byKind } = await report(cases, () => '/search')
  console.info(byKind)
  expect(hit1, misses.join('\n')).toBeGreaterThanOrEqual(0.97)
  expect(hit5, misses.join('\n')).toBeGreaterThanOrEqual(0.99)
})

it('finds films asked for in sentences, by what happens in them, and in other spellings', async () => {
  const { hit1, hit5, misses, byKind } = await report(ownCases, () => '/search')
  console.info(byKind)
  expect(hit1, misses.join('\n')).toBeGreaterThanOrEqual(0.91)
  expect(hit5, misses.join('\n')).toBeGreaterThanOrEqual(0.95)
})

it('finds it in the type that it is of', async () => {
  const types = await byId()
  const { hit1, hit5, misses } = await report(cases, ({ expect_id }) =>
    types.get(expect_id) === 'series' ? '/series/search' : '/movies/search',
  )
  expect(hit1, misses.join('\n')).toBeGreaterThanOrEqual(0.97)
  expect(hit5, misses.join('\n')).toBeGreaterThanOrEqual(0.99)
})

it('suggests what is being typed', async () => {
  const { hit5, misses, byKind } = await report(
    cases.filter(({ kind }) => suggested.has(kind)),
    () => '/movies/suggestions',
  )
  console.info(byKind)
  expect(hit5, misses.join('\n')).toBeGreaterThanOrEqual(0.97)
})
