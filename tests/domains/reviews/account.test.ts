import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeReview } from '../../support/review-factory.ts'
import { actorOfUser, makeUser, userPassword as password } from '../../support/user-factory.ts'

let ctx: TestContext
let app: App

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  return () => ctx[Symbol.asyncDispose]()
})

const send = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  actor: Actor | null,
  payload?: object,
  key?: string,
) =>
  app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { ...as(actor), ...(key ? { 'idempotency-key': key } : {}) },
    ...(payload ? { payload } : {}),
  })
const json = async (path: string, actor: Actor | null = null) => (await send('GET', path, actor)).json()
const person = async () => actorOfUser(await makeUser(ctx.db, { name: 'Chidinma Eze' }))

/** Somebody who wrote two reviews, edited one and voted on another's. */
async function activePerson() {
  const actor = await person()
  const titles = [await makeTitle(ctx.db), await makeTitle(ctx.db)]
  const reviews = []
  for (const [index, title] of titles.entries()) {
    await makeReview(ctx.db, { movie_id: title.id, lemon_pie_rating: 4 })
    const input = { movie_id: title.id, lemon_pie_rating: 10, review_text: `Number ${index}, ||with a twist||.` }
    reviews.push((await send('POST', '/reviews', actor, { ...input, nollywood_tags: ['epic'] }, `key-${index}`)).json())
  }
  await send('PUT', `/reviews/${reviews[0].id}`, actor, { review_text: 'What it says after an edit.' })
  const others = await makeReview(ctx.db)
  await send('POST', `/reviews/${others.id}/vote`, actor, { vote_type: 'helpful' })
  // What everybody sees of it is kept by now.
  for (const title of titles)
    expect(JSON.stringify(await json(`/movies/${title.id}/reviews`))).toContain('Chidinma Eze')
  return { actor, titles, reviews, others }
}

describe('an export', () => {
  it('has all that an account wrote, what it said before, its votes and kept answers', async () => {
    const { actor, reviews, others } = await activePerson()
    const all = await json('/users/profile/export', actor)
    expect(all.reviews).toMatchObject([
      {
        id: reviews[0].id,
        movie: { id: reviews[0].movie_id },
        review_text: 'What it says after an edit.',
        nollywood_tags: ['epic'],
        former_texts: [{ review_text: 'Number 0, ||with a twist||.', lemon_pie_rating: 10 }],
      },
      { id: reviews[1].id, review_text: 'Number 1, ||with a twist||.', former_texts: [] },
    ])
    expect(all.review_votes).toMatchObject([{ review_id: others.id, vote_type: 'helpful' }])
    expect(all.kept_answers).toMatchObject([{ key: 'key-0', answer: { id: reviews[0].id } }, { key: 'key-1' }])
    expect((await json('/users/profile/export', await person())).reviews).toEqual([])
  })
})

describe('an account that is erased', () => {
  it.each([
    ['anonymise', 7, 2],
    ['delete', 4, 1],
  ] as const)(
    'with its reviews to %s keeps scores and counts right, and its name nowhere',
    async (choice, rating, count) => {
      const { actor, titles, reviews, others } = await activePerson()
      const gone = await send('DELETE', `/users/profile?reviews=${choice}`, actor, { password })
      expect(gone.statusCode, gone.body).toBe(204)
      for (const { id } of titles) {
        const list = await json(`/movies/${id}/reviews`)
        expect(list.data).toHaveLength(count)
        expect(JSON.stringify(list)).not.toContain('Chidinma Eze')
        expect(await json(`/movies/${id}/stats`)).toMatchObject({ average_rating: rating, review_count: count })
      }
      const answer = await send('GET', `/reviews/${reviews[1].id}`, null)
      expect(answer.statusCode).toBe(choice === 'delete' ? 404 : 200)
      if (choice === 'anonymise') expect(answer.json()).toMatchObject({ user: null, review_text: 'Number 1, ||…||.' })
      expect(await json(`/reviews/${others.id}`)).toMatchObject({ helpful_votes: 0, helpful_votes_ever: 0 })
      for (const table of ['review_votes', 'idempotency_keys'] as const) {
        const rows = await ctx.db.selectFrom(table).select('user_id').where('user_id', '=', actor.id).execute()
        expect(rows, table).toEqual([])
      }
    },
  )
})

describe('a profile', () => {
  it('counts the approved reviews of an account, and what it has watched', async () => {
    const actor = await person()
    for (const lemon_pie_rating of [10, 9, 9]) await makeReview(ctx.db, { user_id: actor.id, lemon_pie_rating })
    await makeReview(ctx.db, { user_id: actor.id, moderation_status: 'pending', lemon_pie_rating: 1 })
    expect((await json(`/users/${actor.id}`)).stats).toMatchObject({
      total_reviews: 3,
      average_rating: 9.3,
      movies_watched: 4,
    })
  })
})
