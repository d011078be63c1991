import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'

let ctx: TestContext
let app: App

/** How many statements this context has run. */
async function queries(): Promise<number> {
  const { values } = await ctx.metrics.queryDuration.get()
  return values
    .filter(({ metricName }) => metricName?.endsWith('_count'))
    .reduce((total, { value }) => total + Number(value), 0)
}

async function queriesOf(path: string): Promise<{ statements: number; rows: number }> {
  const before = await queries()
  const answer = await app.inject(`/api/v1${path}`)
  expect(answer.statusCode, answer.body).toBe(200)
  const body = answer.json()
  return { statements: (await queries()) - before, rows: (body.data ?? body.filmography.data).length }
}

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  for (let index = 0; index < 100; index += 1) {
    await makeTitle(ctx.db, {
      genres: ['drama', 'crime'],
      languages: ['en', 'yo'],
      directors: ['Tireless Director'],
      actors: ['Tireless Actor'],
      ...(index === 0 ? { release_year: 1999 } : {}),
    })
  }
  return () => ctx[Symbol.asyncDispose]()
})

describe('the number of statements', () => {
  it.each([
    ['/movies?limit=1', '/movies?limit=100', 1],
    ['/movies?limit=1&sort=rating', '/movies?limit=100&sort=rating', 1],
    ['/movies?year=1999&director=tireless-director&limit=99', '/movies?director=tireless-director&limit=100', 1],
    ['/people/tireless-actor?limit=1', '/people/tireless-actor?limit=100', 1],
  ])('of %s is that of %s: %i', async (small, large, statements) => {
    expect(await queriesOf(small)).toEqual({ statements, rows: 1 })
    expect(await queriesOf(large)).toEqual({ statements, rows: 100 })
  })

  it('of an answer that is kept is none', async () => {
    await queriesOf('/movies?limit=7')
    expect((await queriesOf('/movies?limit=7')).statements).toBe(0)
  })
})
