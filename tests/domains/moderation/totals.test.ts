import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeAccount, send } from '../../support/moderation-factory.ts'
import { byHeader, makeReview, someText } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let moderator: Actor
let reporter: Actor

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  moderator = await makeAccount(ctx.db, 'moderator')
  reporter = await makeAccount(ctx.db)
  return () => ctx[Symbol.asyncDispose]()
})

const list = async (path: string, query = '', actor = moderator) =>
  (await send(app, actor)('GET', `${path}?limit=1&${query}`)).body.page
/** How many the list says that there are, and how many there are on its pages. */
async function totals(path: string, query = '', actor = moderator) {
  const said = (await list(path, `include_total=true&${query}`, actor)).total
  let walked = 0
  for (let cursor = ''; ; ) {
    const { body } = await send(app, actor)('GET', `${path}?limit=50&${query}${cursor && `&cursor=${cursor}`}`)
    walked += body.data.length
    if (body.page.next_cursor === null) break
    cursor = body.page.next_cursor
  }
  return [said, walked]
}

describe('the total of a list', () => {
  it('is there when it is asked for, and not else: reports, decisions, revisions', async () => {
    const author = await makeAccount(ctx.db)
    const reviews = await Promise.all([1, 2, 3].map(() => makeReview(ctx.db, { user_id: author.id })))
    const reports: string[] = []
    for (const { id } of reviews) {
      reports.push((await send(app, reporter)('POST', `/reviews/${id}/report`, { reason: 'spam' })).body.id)
    }
    await send(app, moderator)('PUT', `/admin/reports/${reports[0]}/resolve`, { resolution: 'dismissed' })
    for (const { id } of reviews) {
      await send(app, moderator)('POST', `/admin/moderation/${id}`, { decision: 'reject', reason: 'x', reopen: true })
    }
    expect((await list('/users/reports', '', reporter)).total).toBeNull()
    expect(await totals('/users/reports', '', reporter)).toEqual([3, 3])
    expect(await totals('/admin/reports', 'status=resolved&reason=spam')).toEqual([3, 3])
    expect(await totals('/admin/reports', `status=resolved&review_id=${reviews[0]!.id}`)).toEqual([1, 1])
    expect(await totals('/admin/moderation/decisions', `author_id=${author.id}`)).toEqual([4, 4])
    expect((await list('/admin/moderation/decisions')).total).toBeNull()
    for (let count = 0; count < 2; count += 1) {
      await send(app, author)('PUT', `/reviews/${reviews[0]!.id}`, { review_text: someText() })
    }
    expect(await totals(`/reviews/${reviews[0]!.id}/revisions`)).toEqual([2, 2])
  })

  it('is there of words, phrases and held titles', async () => {
    expect(await totals('/admin/moderation/words', 'language=yo&level=strong')).toEqual([
      expect.any(Number),
      expect.any(Number),
    ])
    const [words, walked] = await totals('/admin/moderation/words', 'language=ig')
    expect(words).toBeGreaterThan(5)
    expect(words).toBe(walked)
    const [phrases, walkedPhrases] = await totals('/admin/moderation/allowed-phrases')
    expect(phrases).toBeGreaterThan(5)
    expect(phrases).toBe(walkedPhrases)
    const { movie_id } = await makeReview(ctx.db, { exclusion: 'held' })
    await sql`insert into title_bursts (movie_id, began_at, extreme, window_hours, reviews, extremes, expected)
      values (${movie_id}, now(), 'low', 1, 15, 15, 0)`.execute(ctx.db)
    expect(await totals('/admin/moderation/held-titles')).toEqual([1, 1])
  })

  it('goes no further than 10,000 where a list only grows', async () => {
    const author = await makeAccount(ctx.db)
    await sql`insert into moderation_decisions (kind, decision, moderator_id, author_id)
      select 'review', 'approve', ${moderator.id}, ${author.id} from generate_series(1, 10050)`.execute(ctx.db)
    const { total } = await list('/admin/moderation/decisions', `include_total=true&author_id=${author.id}`)
    expect(total).toBe(10_000)
  })
})
