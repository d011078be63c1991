import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

/** Films as viewers ask for them who don't have the name at hand, in the catalogue that ships. */

let ctx: TestContext
let app: App

beforeAll(async () => {
  ctx = await testContext({ seeded: true })
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

interface Found {
  readonly data: ReadonlyArray<{ readonly slug: string }>
  readonly did_you_mean: ReadonlyArray<{ readonly slug: string }>
}

async function found(q: string): Promise<string[]> {
  const answer = await app.inject({ url: '/api/v1/search', query: { q, limit: '5' } })
  const { data, did_you_mean } = answer.json<Found>()
  return [...data, ...did_you_mean].map(({ slug }) => slug)
}

describe('a film is among the first five', () => {
  it('by its name with a small word put in: "king of the boys"', async () => {
    expect(await found('king of the boys')).toContain('king-of-boys-2018')
  })

  it.each([
    ['girl sent as maid to jos', 'halita-2019'],
    ['movie about polygamist lagos', 'fuji-house-of-commotion-2001'],
  ])('by what happens in it, though not all words are in its plot: %j', async (query, slug) => {
    expect(await found(query)).toContain(slug)
  })

  it('by a sentence that asks for it: "abeg find me blood sisters series"', async () => {
    expect(await found('abeg find me blood sisters series')).toContain('blood-sisters-2022')
  })
})

describe('a film comes first', () => {
  it.each([
    ['ninety three days', '93-days-2016'],
    ['seventy six', '76-2016'],
  ])('by a number in two words: %j', async (query, slug) => {
    expect((await found(query))[0]).toBe(slug)
  })

  it('by its number, which is no slip for a name: "chief daddy ii" isn’t by Ini', async () => {
    expect((await found('chief daddy ii'))[0]).toBe('chief-daddy-2-going-for-broke-2022')
  })

  it.each([
    ['twp', 'the-wedding-party-2016'],
    ['lbb', 'little-black-book-2021'],
    ['hoays', 'half-of-a-yellow-sun-2013'],
  ])('by its acronym, though a letter makes another word of that: %j', async (query, slug) => {
    expect((await found(query))[0]).toBe(slug)
  })
})
