import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle, type TitleOptions } from '../../support/factories.ts'
import { makeAccount, send } from '../../support/moderation-factory.ts'
import { byHeader, makeReview, someText } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let moderator: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  moderator = await makeAccount(ctx.db, 'moderator')
  return () => ctx[Symbol.asyncDispose]()
})

const post = async (author: Actor, review_text: string, title: TitleOptions = {}, tags: readonly string[] = []) => {
  const { id } = await makeTitle(ctx.db, title)
  const body = { movie_id: id, lemon_pie_rating: 3, review_text, nollywood_tags: tags }
  const answer = await send(app, author)('POST', '/reviews', body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}
const abuse = 'The director is a bastard and the producer is a whore.'

describe('a review over the threshold', () => {
  it('is pending: its author is told why and sees it, others don’t, and it is queued', async () => {
    const author = await makeAccount(ctx.db)
    const review = await post(author, abuse)
    expect(review).toMatchObject({ moderation_status: 'pending', review_text: abuse })
    expect(review.moderation_reason).toBe(
      'A moderator looks at this before others see it. What it may be about: Words that insult: “bastard”, “whore”.',
    )
    expect((await send(app, author)('GET', `/reviews/${review.id}`)).body).toMatchObject({ id: review.id })
    expect((await send(app, null)('GET', `/reviews/${review.id}`)).status).toBe(404)
    expect((await send(app, await makeAccount(ctx.db))('GET', `/reviews/${review.id}`)).status).toBe(404)
    const list = async (actor: Actor | null) =>
      (await send(app, actor)('GET', `/reviews?movie_id=${review.movie_id}`)).body.data
    expect((await list(author)).length).toBe(1)
    expect(await list(null)).toEqual([])
    const queue = (await send(app, moderator)('GET', `/admin/moderation?movie_id=${review.movie_id}`)).body.data
    expect(queue).toMatchObject([{ content_id: review.id, why: ['pending'], reasons: [{ code: 'insult' }] }])
    expect(queue[0].score).toBeGreaterThanOrEqual(0.6)
  })

  it('may be one after an edit, and stops being one only by a moderator', async () => {
    const author = await makeAccount(ctx.db)
    const review = await post(author, someText())
    expect(review).toMatchObject({ moderation_status: 'approved', moderation_reason: null })
    const edit = (review_text: string) => send(app, author)('PUT', `/reviews/${review.id}`, { review_text })
    expect((await edit(abuse)).body).toMatchObject({ moderation_status: 'pending' })
    const mended = (await edit('A film that I did not like, to say it kindly.')).body
    expect(mended.moderation_status).toBe('pending')
    expect(mended.moderation_reason).toBe('A moderator looks at this before others see it.')
    await send(app, moderator)('POST', `/admin/moderation/${review.id}`, { decision: 'approve' })
    const approved = (await send(app, author)('GET', `/reviews/${review.id}`)).body
    expect(approved).toMatchObject({ moderation_status: 'approved', moderation_reason: null })
  })
})

describe('tags', () => {
  const tagged = async (...tags: string[]) =>
    (await post(await makeAccount(ctx.db), someText(), {}, tags)).moderation_status

  it('are judged with the text: what is severe, disguised or in numbers waits', async () => {
    expect(await tagged('kill yourself', 'epic')).toBe('pending')
    expect(await tagged('b1tch', 'wh0re')).toBe('pending')
    expect(await tagged('b*tch', 'b a s t a r d')).toBe('pending')
    expect(await tagged('bastard', 'whore')).toBe('pending')
    expect(await tagged('08031234567')).toBe('pending')
    expect(await tagged('t.me/freefilms')).toBe('pending')
    const author = await makeAccount(ctx.db)
    const both = await post(author, 'The director is a bastard, if you ask me.', {}, ['whore'])
    expect(both.moderation_status).toBe('pending')
    expect(both.moderation_reason).toContain('“whore”')
  })

  it('of every list pass, and so do names', async () => {
    const all = (await send(app, null)('GET', '/meta')).body.tags.map(({ code }: { code: string }) => code)
    expect(all.length).toBeGreaterThan(5)
    for (let from = 0; from < all.length; from += 10)
      expect(await tagged(...all.slice(from, from + 10))).toBe('approved')
    expect(await tagged('Lagos life', 'rom-com', 'Scunthorpe', 'must watch', 'class act', 'Ọmọ Ghetto')).toBe(
      'approved',
    )
  })

  it('are judged after an edit of them alone, and kept for moderators', async () => {
    const author = await makeAccount(ctx.db)
    const review = await post(author, someText(), {}, ['epic', 'slow burn'])
    expect(review.moderation_status).toBe('approved')
    const edited = await send(app, author)('PUT', `/reviews/${review.id}`, { nollywood_tags: ['whore', 'bastard'] })
    expect(edited.body).toMatchObject({ moderation_status: 'pending', nollywood_tags: ['whore', 'bastard'] })
    // An edit of the text does not let them pass either.
    const again = await post(await makeAccount(ctx.db), someText(), {}, ['whore'])
    const worse = { review_text: 'The director is a bastard, if you ask me.' }
    expect(again.moderation_status).toBe('approved')
    expect(edited.status).toBe(200)
    const revisions = await send(app, moderator)('GET', `/reviews/${review.id}/revisions`)
    expect(revisions.body.data).toMatchObject([{ version: 1, nollywood_tags: ['epic', 'slow_burn'] }])
    const ofWhore = await ctx.db
      .selectFrom('reviews')
      .select('user_id')
      .where('id', '=', again.id)
      .executeTakeFirstOrThrow()
    const owner = { id: ofWhore.user_id!, role: 'user', isVerified: true } as const
    expect((await send(app, owner)('PUT', `/reviews/${again.id}`, worse)).body.moderation_status).toBe('pending')
  })
})

describe('names', () => {
  it('of the catalogue are no insults: titles, aliases, people, characters, wherever they are named', async () => {
    await makeTitle(ctx.db, {
      title: 'Bastard of Benin',
      aliases: ['The Whore of Warri'],
      actors: ['Bitch Adebayo Cole'],
    })
    const author = await makeAccount(ctx.db)
    const text = 'Better than Bastard of Benin, worse than The Whore of Warri, and Bitch Adebayo Cole is missed.'
    expect((await post(author, text)).moderation_status).toBe('approved')
    expect((await post(author, text.replaceAll('of', 'off').replace('Adebayo', 'Ade'))).moderation_status).toBe(
      'pending',
    )
  })

  it('of the title itself may be single words, written as names', async () => {
    const author = await makeAccount(ctx.db)
    const text = 'Bastard loves Whore, Whore loves Bastard, and that is the film.'
    expect((await post(author, text, { title: 'Bastard', aliases: ['Whore'] })).moderation_status).toBe('approved')
    expect((await post(author, text.toLowerCase(), { title: 'Bastard', aliases: ['Whore'] })).moderation_status).toBe(
      'pending',
    )
  })
})

describe('what the author did before', () => {
  const long =
    'I have rarely seen a film that takes its people so seriously, and its audience too. Go and see it, with all of yours.'

  it('counts: the same text for another title, by the same author or another', async () => {
    const author = await makeAccount(ctx.db)
    expect((await post(author, long)).moderation_status).toBe('approved')
    const again = await post(author, `  ${long.toUpperCase()}`)
    expect(again.moderation_status).toBe('pending')
    expect(again.moderation_reason).toContain('You have posted this same text for another title.')
    const copied = await post(await makeAccount(ctx.db), long.replaceAll(',', ' ,'))
    expect(copied.moderation_reason).toContain('Another account has posted this same text.')
  })

  it('counts: nearly the same text, by the author for another title or by another account for this one', async () => {
    const text =
      'Nobody tells a story of two sisters like this director, and nobody lights Makoko at dusk like her cameraman. Bring a handkerchief.'
    const author = await makeAccount(ctx.db)
    const first = await post(author, text)
    expect(first.moderation_status).toBe('approved')
    const another = await post(author, text.replace('two sisters', '2 lovely sisters'))
    expect(another.moderation_status).toBe('pending')
    expect(another.moderation_reason).toContain('You have posted nearly this text for another title.')
    const copy = {
      movie_id: first.movie_id,
      lemon_pie_rating: 9,
      review_text: `${text.replace('Bring', 'Do bring')} 10/10`,
    }
    const copied = await send(app, await makeAccount(ctx.db))('POST', '/reviews', copy)
    expect(copied.body.moderation_reason).toContain('Another account has posted nearly this text.')
    // Two who write of the same film in their own words are two.
    const honest =
      'A story of two sisters that this director tells with patience; the cameraman lights Makoko well, and I did need a handkerchief at the end.'
    const own = { movie_id: first.movie_id, lemon_pie_rating: 8, review_text: honest }
    expect((await send(app, await makeAccount(ctx.db))('POST', '/reviews', own)).body.moderation_status).toBe(
      'approved',
    )
    const edited = await send(app, author)('PUT', `/reviews/${first.id}`, { review_text: `${text} Twice.` })
    expect(edited.body.moderation_reason).toContain('nearly this text')
  })

  it('counts: many reviews in an hour by a new account, and not by an old one', async () => {
    const fresh = await makeAccount(ctx.db, 'user', 1)
    const settled = await makeAccount(ctx.db)
    for (const { id } of [fresh, settled])
      for (let count = 0; count < 5; count += 1) await makeReview(ctx.db, { user_id: id })
    const review = await post(fresh, someText())
    expect(review.moderation_status).toBe('pending')
    expect(review.moderation_reason).toContain('Very many reviews in a short time.')
    expect((await post(settled, someText())).moderation_status).toBe('approved')
  })

  it('does not count against an edit of the same review', async () => {
    const author = await makeAccount(ctx.db)
    const text = `${long} Twice!`
    const review = await post(author, text)
    const edit = await send(app, author)('PUT', `/reviews/${review.id}`, { lemon_pie_rating: 9 })
    expect(edit.body).toMatchObject({ moderation_status: 'approved', lemon_pie_rating: 9 })
  })
})

describe('the statements', () => {
  it('are as many for a text of nothing but listed words as for any other', async () => {
    const statements = async () => {
      const { values } = await ctx.metrics.queryDuration.get()
      return values
        .filter(({ metricName }) => metricName?.endsWith('_count'))
        .reduce((total, { value }) => total + Number(value), 0)
    }
    const cost = async (text: string) => {
      const author = await makeAccount(ctx.db)
      const { id } = await makeTitle(ctx.db)
      const before = await statements()
      const answer = await send(app, author)('POST', '/reviews', {
        movie_id: id,
        lemon_pie_rating: 3,
        review_text: text,
      })
      expect(answer.status).toBe(201)
      return (await statements()) - before
    }
    await cost(someText())
    expect(await cost('bastard whore bitch '.repeat(250).trim())).toBe(await cost(someText()))
  })
})
