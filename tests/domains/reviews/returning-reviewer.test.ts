import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { forgetReviewers, rememberedDays } from '../../../src/domains/reviews/returning-reviewer.service.ts'
import { pruneKeptAnswers } from '../../../src/domains/reviews/review-stats.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, someText } from '../../support/review-factory.ts'
import { actorOfUser, makeUser, userPassword as password } from '../../support/user-factory.ts'

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  return () => ctx[Symbol.asyncDispose]()
})

const comeAs = async (email: string): Promise<Actor> => actorOfUser(await makeUser(ctx.db, { email }))
const send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, actor: Actor | null, payload?: object) =>
  app.inject({ method, url: `/api/v1${path}`, headers: as(actor), ...(payload ? { payload } : {}) })
const review = async (actor: Actor, movie_id: string) => {
  const answer = await send('POST', '/reviews', actor, { movie_id, lemon_pie_rating: 10, review_text: someText() })
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json()
}
const leave = async (actor: Actor, reviews = 'anonymise') =>
  expect((await send('DELETE', `/users/profile?reviews=${reviews}`, actor, { password })).statusCode).toBe(204)
const counted = async (id: string) => (await send('GET', `/movies/${id}/stats`, null)).json().review_count
const freshAddress = () => `ada-${randomUUID()}@example.com`

describe('who left a review and comes back', () => {
  it('does not vote again: the next review of the title waits for a moderator, however often', async () => {
    const [email, title] = [freshAddress(), await makeTitle(ctx.db)]
    const first = await comeAs(email)
    expect(await review(first, title.id)).toMatchObject({ moderation_status: 'approved' })
    await leave(first)
    expect(await counted(title.id)).toBe(1)
    for (let round = 0; round < 3; round += 1) {
      const again = await comeAs(email)
      const held = await review(again, title.id)
      expect(held).toMatchObject({
        moderation_status: 'pending',
        moderation_reason: expect.stringContaining('An erased account of the same e-mail address'),
      })
      const edited = await send('PUT', `/reviews/${held.id}`, again, { review_text: someText() })
      expect(edited.json()).toMatchObject({
        moderation_status: 'pending',
        moderation_reason: expect.stringContaining('An erased account of the same e-mail address'),
      })
      expect(await counted(title.id)).toBe(1)
      await leave(again)
    }
    expect(await counted(title.id)).toBe(1)
  })

  it('says to the moderator why, who may let it count', async () => {
    const [email, title] = [freshAddress(), await makeTitle(ctx.db)]
    const first = await comeAs(email)
    await review(first, title.id)
    await leave(first)
    const { id } = await review(await comeAs(email), title.id)
    const row = await ctx.db.selectFrom('reviews').select('assessment').where('id', '=', id).executeTakeFirstOrThrow()
    expect(row.assessment).toMatchObject({ score: 0.65, reasons: [{ code: 'reviewed_before' }] })
    const moderator = actorOfUser(await makeUser(ctx.db, { role: 'moderator' }))
    const decided = await send('POST', `/admin/moderation/${id}`, moderator, { decision: 'approve', reason: 'Fine.' })
    expect(decided.statusCode, decided.body).toBe(200)
    expect(await counted(title.id)).toBe(2)
  })

  it('is free to review other titles, and so is everybody else, and who took the reviews along', async () => {
    const [email, title, other] = [freshAddress(), await makeTitle(ctx.db), await makeTitle(ctx.db)]
    const first = await comeAs(email)
    await review(first, title.id)
    await leave(first)
    const approved = { moderation_status: 'approved' }
    expect(await review(await comeAs(email), other.id)).toMatchObject(approved)
    expect(await review(await comeAs(freshAddress()), title.id)).toMatchObject(approved)

    const mover = freshAddress()
    const deleting = await comeAs(mover)
    await review(deleting, title.id)
    await leave(deleting, 'delete')
    expect(await review(await comeAs(mover), title.id)).toMatchObject(approved)
  })
})

describe('what is kept of it', () => {
  it('names neither address nor title nor review', async () => {
    const [email, title] = [freshAddress(), await makeTitle(ctx.db)]
    const first = await comeAs(email)
    const { id } = await review(first, title.id)
    await leave(first)
    const { rows } = await sql<{ text: string }>`select e::text as text from erased_reviewers e`.execute(ctx.db)
    expect(rows.length).toBeGreaterThan(0)
    for (const secret of [email, title.id, id, first.id]) {
      expect(rows.filter(({ text }) => text.includes(secret) || text.includes(secret.replaceAll('-', '')))).toEqual([])
    }
  })

  it(`is forgotten after ${rememberedDays} days`, async () => {
    const titles = [await makeTitle(ctx.db), await makeTitle(ctx.db), await makeTitle(ctx.db)]
    const [old, young] = [freshAddress(), freshAddress()]
    for (const email of [old, young]) {
      // What the first leaves ages before the second leaves.
      await sql`update erased_reviewers set erased_at = now() - make_interval(days => ${rememberedDays}, mins => -5)`.execute(
        ctx.db,
      )
      const first = await comeAs(email)
      for (const { id } of titles) await review(first, id)
      await leave(first)
    }
    const again = await comeAs(old)
    await pruneKeptAnswers(ctx)
    expect(await review(again, titles[0]!.id)).toMatchObject({ moderation_status: 'pending' })
    await sql`update erased_reviewers set erased_at = erased_at - interval '10 minutes'`.execute(ctx.db)
    // In batches of two.
    expect(await forgetReviewers(ctx, 2)).toBeGreaterThanOrEqual(titles.length)
    expect(await review(again, titles[1]!.id)).toMatchObject({ moderation_status: 'approved' })
    expect(await review(await comeAs(young), titles[1]!.id)).toMatchObject({ moderation_status: 'pending' })
  })
})
