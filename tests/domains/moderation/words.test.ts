import { beforeAll, describe, expect, it } from 'vitest'
import { openContext } from '../../../src/context.ts'
import { assessReview } from '../../../src/domains/reviews/automatic-moderation.service.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { makeAccount, send } from '../../support/moderation-factory.ts'
import { byHeader } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let moderator: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  moderator = await makeAccount(ctx.db, 'moderator')
  return () => ctx[Symbol.asyncDispose]()
})

const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
  send(app, moderator)(method, `/admin/moderation${path}`, body)
const statusOf = async (text: string) => {
  const body = { movie_id: (await makeTitle(ctx.db)).id, lemon_pie_rating: 5, review_text: text }
  const answer = await send(app, await makeAccount(ctx.db))('POST', '/reviews', body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body.moderation_status
}
const word = (text: string, more: object = {}) => ({
  word: text,
  language: 'pcm',
  category: 'slur',
  level: 'severe',
  ...more,
})

describe('the word list', () => {
  it('is in force with the next review, when added, changed and removed', async () => {
    const text = (number: number) => `Take ${number}: this zamfaloko of a film, said by a zamfaloko.`
    expect(await statusOf(text(1))).toBe('approved')
    const added = await ask('POST', '/words', word('Zamfaloko'))
    expect(added.status, JSON.stringify(added.body)).toBe(201)
    expect(added.body).toMatchObject({
      word: 'Zamfaloko',
      form: 'word',
      marks_matter: false,
      provenance: 'Added by a moderator',
    })
    expect(await statusOf(text(2))).toBe('pending')
    expect((await ask('PUT', `/words/${added.body.id}`, { level: 'mild', note: 'Only a joke.' })).body).toMatchObject({
      level: 'mild',
    })
    expect(await statusOf(text(3))).toBe('approved')
    await ask('PUT', `/words/${added.body.id}`, { level: 'severe' })
    expect((await ask('DELETE', `/words/${added.body.id}`)).status).toBe(204)
    expect(await statusOf(text(4))).toBe('approved')
    const decisions = (await ask('GET', '/decisions?limit=4')).body.data
    expect(decisions.map(({ kind, decision }: Record<string, string>) => `${kind} ${decision}`)).toEqual([
      'word remove',
      'word change',
      'word change',
      'word add',
    ])
    expect(decisions[2]).toMatchObject({
      before: { level: 'severe' },
      after: { level: 'mild' },
      moderator_id: moderator.id,
    })
  })

  it('is told to other processes', async () => {
    const other = await openContext(ctx.config, 'lemonnpie-test-other')
    ctx.beforeClosing(async () => other[Symbol.asyncDispose]())
    const assess = async (text: string) => {
      const { id: movieId } = await makeTitle(ctx.db)
      const { id: authorId } = await makeAccount(ctx.db)
      return assessReview(other, { movieId, authorId, text, language: 'en', tags: [], reviewId: null })
    }
    const text = 'A kurukere of a film, really.'
    expect((await assess(text)).status).toBe('approved')
    const { id } = (await ask('POST', '/words', word('Kurukere'))).body
    await expect.poll(async () => (await assess(text)).status, { timeout: 10_000 }).toBe('pending')
    await ask('DELETE', `/words/${id}`)
  })

  it('refuses doubles, words without letters and what is not there', async () => {
    expect((await ask('POST', '/words', word('olóríburúkú', { language: 'yo' }))).body.error).toBe('word_exists')
    expect((await ask('POST', '/words', word('OLÓRÍBURÚKÚ', { language: 'yo' }))).body.error).toBe('word_exists')
    expect((await ask('POST', '/words', word('!!!'))).body.details).toMatchObject([{ field: 'body.word' }])
    expect((await ask('POST', '/words', word('x'.repeat(61)))).status).toBe(422)
    expect((await ask('POST', '/words', word('fine', { language: 'fr' }))).status).toBe(422)
    const nobody = '/words/0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77'
    expect((await ask('PUT', nobody, { level: 'mild' })).status).toBe(404)
    expect((await ask('PUT', nobody, {})).status).toBe(422)
    expect((await ask('DELETE', nobody)).status).toBe(404)
  })

  it('is listed by the alphabet, filtered, in pages', async () => {
    const all: string[] = []
    for (let cursor = ''; ; ) {
      const { data, page } = (await ask('GET', `/words?language=ig&limit=10${cursor}`)).body
      all.push(...data.map((each: { word: string }) => each.word))
      if (page.next_cursor === null) break
      cursor = `&cursor=${page.next_cursor}`
    }
    expect(all.length).toBeGreaterThan(15)
    expect(new Set(all).size).toBe(all.length)
    const found = (await ask('GET', '/words?q=%E1%BB%8Cmo%20%C3%A0&category=insult&level=strong')).body.data
    expect(found).toMatchObject([{ word: 'ọmọ àlè', provenance: expect.stringContaining('native speaker') }])
    expect((await ask('GET', '/words?cursor=x')).status).toBe(422)
  })
})

describe('allowed phrases', () => {
  it('make a listed word none, from the next review on', async () => {
    const text = (number: number) => `Number ${number}: they sing Bastard Bitch Blues, and how!`
    expect(await statusOf(text(1))).toBe('pending')
    const added = await ask('POST', '/allowed-phrases', { phrase: 'Bastard Bitch Blues', note: 'A song.' })
    expect(added.status).toBe(201)
    expect(await statusOf(text(2))).toBe('approved')
    expect((await ask('POST', '/allowed-phrases', { phrase: 'bastard  bitch blues' })).body.error).toBe('phrase_exists')
    expect((await ask('POST', '/allowed-phrases', { phrase: '--' })).body.details).toMatchObject([
      { field: 'body.phrase' },
    ])
    expect((await ask('DELETE', `/allowed-phrases/${added.body.id}`)).status).toBe(204)
    expect((await ask('DELETE', `/allowed-phrases/${added.body.id}`)).status).toBe(404)
    expect(await statusOf(text(3))).toBe('pending')
  })

  it('are listed in pages', async () => {
    const first = (await ask('GET', '/allowed-phrases?limit=5')).body
    const second = (await ask('GET', `/allowed-phrases?limit=100&cursor=${first.page.next_cursor}`)).body
    const phrases = [...first.data, ...second.data].map((each: { phrase: string }) => each.phrase)
    expect(phrases).toContain('Dick Van Dyke')
    expect(new Set(phrases).size).toBe(phrases.length)
  })
})
