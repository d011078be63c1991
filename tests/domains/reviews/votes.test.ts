import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { castVote } from '../../../src/domains/reviews/vote.queries.ts'
import type { App } from '../../../src/http/app-type.ts'
import { inTx } from '../../../src/infra/tx.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { as, byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let author: Actor
let voters: Actor[]

beforeAll(async () => {
  ctx = await testContext({ env: { DATABASE_POOL_MAX: '10' } })
  app = await testApp(ctx, { authenticate: byHeader })
  author = await makeAuthor(ctx.db)
  voters = await Promise.all(Array.from({ length: 100 }, () => makeAuthor(ctx.db)))
  return () => ctx[Symbol.asyncDispose]()
})

type Vote = 'helpful' | 'unhelpful' | null

const vote = (id: string, actor: Actor | null, type: Vote) =>
  app.inject({
    method: type === null ? 'DELETE' : 'POST',
    url: `/api/v1/reviews/${id}/vote`,
    headers: as(actor),
    ...(type === null ? {} : { payload: { vote_type: type } }),
  })
/**
 * The same by a client that comes again when it is told to: five hundred at once may find every connection busy for longer
 * than they are let wait. What was answered 503 has done nothing.
 */
async function voteAgain(id: string, actor: Actor, type: Vote): Promise<number> {
  for (;;) {
    const { statusCode } = await vote(id, actor, type)
    if (statusCode !== 503) return statusCode
  }
}
const read = async (id: string, actor: Actor | null = null) =>
  (await app.inject({ url: `/api/v1/reviews/${id}`, headers: as(actor) })).json()

const counters = async (id: string) =>
  ctx.db
    .selectFrom('reviews')
    .select(['helpful_votes', 'unhelpful_votes', 'helpful_votes_ever', 'unhelpful_votes_ever', 'helpful_score'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

/** What the rows say. */
const counted = async (id: string) =>
  (
    await sql<Record<string, number>>`
      select count(*) filter (where v.vote_type = 'helpful' and v.revision = r.revision) as helpful_votes,
        count(*) filter (where v.vote_type = 'unhelpful' and v.revision = r.revision) as unhelpful_votes,
        count(*) filter (where v.vote_type = 'helpful') as helpful_votes_ever,
        count(*) filter (where v.vote_type = 'unhelpful') as unhelpful_votes_ever
      from reviews r left join review_votes v on v.review_id = r.id where r.id = ${id}`.execute(ctx.db)
  ).rows[0]!

describe('a vote', () => {
  it('counts, is repeated without effect, switches and is taken back', async () => {
    const { id } = await makeReview(ctx.db, { user_id: author.id })
    const [voter, another] = voters as [Actor, Actor]
    const first = await vote(id, voter, 'helpful')
    expect(first.statusCode, first.body).toBe(200)
    const helpful = {
      review_id: id,
      helpful_votes: 1,
      unhelpful_votes: 0,
      helpfulness_score: 1,
      helpful_votes_ever: 1,
      unhelpful_votes_ever: 0,
      user_vote: 'helpful',
    }
    expect(first.json()).toEqual(helpful)
    expect((await vote(id, voter, 'helpful')).json()).toEqual(helpful)
    expect((await vote(id, another, 'unhelpful')).json()).toMatchObject({ helpful_votes: 1, unhelpful_votes: 1 })
    expect((await vote(id, voter, 'unhelpful')).json()).toMatchObject({ helpful_votes: 0, unhelpful_votes: 2 })
    expect(await read(id, voter)).toMatchObject({ helpfulness_score: -2, user_vote: 'unhelpful' })
    expect(await read(id, author)).toMatchObject({ user_vote: null })
    for (const _ of [1, 2]) expect((await vote(id, voter, null)).statusCode).toBe(204)
    expect(await read(id, voter)).toMatchObject({ unhelpful_votes: 1, unhelpful_votes_ever: 1, user_vote: null })
  })

  it('on one’s own review is a 409', async () => {
    const { id } = await makeReview(ctx.db, { user_id: author.id })
    const answer = await vote(id, author, 'helpful')
    expect([answer.statusCode, answer.json().error]).toEqual([409, 'own_review'])
    expect(await counters(id)).toMatchObject({ helpful_votes: 0 })
  })

  it('needs an account, a review that is there for the voter, and a known type', async () => {
    const { id } = await makeReview(ctx.db, { moderation_status: 'pending' })
    expect((await vote(id, null, 'helpful')).statusCode).toBe(401)
    for (const type of ['helpful', null] as const) expect((await vote(id, author, type)).statusCode).toBe(404)
    expect((await vote(author.id, author, 'helpful')).statusCode).toBe(404)
    const { id: visible } = await makeReview(ctx.db)
    expect((await vote(visible, author, 'funny' as Vote)).statusCode).toBe(422)
    expect((await vote('x', author, 'helpful')).statusCode).toBe(422)
  })

  it('is told to those who react, once for each that changes something', async () => {
    const { id } = await makeReview(ctx.db)
    for (const type of ['helpful', 'helpful', 'unhelpful'] as const) await vote(id, author, type)
    const { rows } = await sql<{ payload: object }>`
      select payload from outbox_events where name = 'review.voted' and payload ->> 'review_id' = ${id} order by id`.execute(
      ctx.db,
    )
    expect(rows.map(({ payload }) => payload)).toEqual([
      { review_id: id, user_id: author.id, vote_type: 'helpful' },
      { review_id: id, user_id: author.id, vote_type: 'unhelpful' },
    ])
  })
})

describe('votes and revisions', () => {
  const edit = (id: string, payload: object) =>
    app.inject({ method: 'PUT', url: `/api/v1/reviews/${id}`, headers: as(author), payload })

  it('after a substantial edit they are no endorsement of the new text, and both figures are shown', async () => {
    const [a, b, c] = voters as [Actor, Actor, Actor]
    const { id } = await makeReview(ctx.db, { user_id: author.id, review_text: 'Warm, funny and full of Lagos.' })
    await vote(id, a, 'helpful')
    await vote(id, b, 'helpful')
    await vote(id, c, 'unhelpful')
    await edit(id, { review_text: 'Cold, dull, and shot in a studio.' })
    expect(await read(id, a)).toMatchObject({
      revision: 2,
      helpful_votes: 0,
      unhelpful_votes: 0,
      helpfulness_score: 0,
      helpful_votes_ever: 2,
      unhelpful_votes_ever: 1,
      user_vote: null,
    })
    expect((await counters(id)).helpful_score).toBe(0)
    // The same vote again is one on the new text now.
    expect((await vote(id, a, 'helpful')).json()).toMatchObject({ helpful_votes: 1, helpful_votes_ever: 2 })
    expect((await vote(id, b, 'unhelpful')).json()).toMatchObject({
      unhelpful_votes: 1,
      helpful_votes_ever: 1,
      unhelpful_votes_ever: 2,
    })
    await vote(id, c, null)
    await vote(id, a, null)
    expect(await counters(id)).toMatchObject({
      helpful_votes: 0,
      unhelpful_votes: 1,
      helpful_votes_ever: 0,
      unhelpful_votes_ever: 1,
    })
    expect(await counters(id)).toMatchObject(await counted(id))
  })

  it('after a small one they stay', async () => {
    const { id } = await makeReview(ctx.db, { user_id: author.id, review_text: 'Warm, funy and full of Lagos.' })
    await vote(id, voters[0]!, 'helpful')
    await edit(id, { review_text: 'Warm, funny and full of Lagos!', spoiler_warning: true })
    expect(await read(id)).toMatchObject({ revision: 1, version: 2, helpful_votes: 1, helpful_votes_ever: 1 })
  })

  it('after many small ones that make another text or rating together they are none of the new one', async () => {
    const words = 'A film of warmth and wit that nobody in all of Surulere will forget'.split(' ')
    const byWords = await makeReview(ctx.db, { user_id: author.id, review_text: words.join(' ') })
    await vote(byWords.id, voters[0]!, 'helpful')
    for (const [index, word] of ['chore', 'bore', 'dross'].entries()) {
      words[index] = word
      await edit(byWords.id, { review_text: words.join(' ') })
    }
    // One word of fourteen is small, two are not; the third is small again beside the second.
    expect(await read(byWords.id)).toMatchObject({ revision: 2, version: 4, helpful_votes: 0, helpful_votes_ever: 1 })

    const byRating = await makeReview(ctx.db, { user_id: author.id, lemon_pie_rating: 9 })
    await vote(byRating.id, voters[0]!, 'helpful')
    await edit(byRating.id, { lemon_pie_rating: 8 })
    expect(await read(byRating.id)).toMatchObject({ revision: 1, helpful_votes: 1 })
    await edit(byRating.id, { lemon_pie_rating: 7 })
    expect(await read(byRating.id)).toMatchObject({ revision: 2, helpful_votes: 0, helpful_votes_ever: 1 })
  })
})

describe('500 votes, switches and removals by 100 voters at once', () => {
  it('leave counters equal to the rows, with no deadlock and no lost update', { timeout: 60_000 }, async () => {
    const { id } = await makeReview(ctx.db, { user_id: author.id })
    const deadlocks = async (): Promise<number> =>
      (
        await sql<{ deadlocks: number }>`
        select deadlocks from pg_stat_database where datname = current_database()`.execute(ctx.db)
      ).rows[0]!.deadlocks
    const before = await deadlocks()
    // A fixed order of kinds, each voter five times, so that voters race with others and with themselves.
    const kinds: readonly Vote[] = ['helpful', 'unhelpful', 'helpful', null, 'unhelpful', null, 'helpful']
    const statuses = await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        voteAgain(id, voters[index % 100]!, kinds[(index * 3) % kinds.length]!),
      ),
    )
    expect(statuses.filter((status) => status !== 200 && status !== 204)).toEqual([])
    const after = await counters(id)
    expect(after).toMatchObject(await counted(id))
    expect(after.helpful_votes + after.unhelpful_votes).toBeGreaterThan(10)
    await sql`select pg_stat_force_next_flush()`.execute(ctx.db)
    expect(await deadlocks()).toBe(before)
    // A last round in which nobody races is what was asked for.
    await Promise.all(
      voters.map((voter, index) => voteAgain(id, voter, index < 60 ? 'helpful' : index < 90 ? 'unhelpful' : null)),
    )
    expect(await counters(id)).toMatchObject({ helpful_votes: 60, unhelpful_votes: 30 })
  })

  it('are cast while the same voter, or the author, is not done yet', async () => {
    const waiting = async (): Promise<void> => {
      for (;;) {
        const { rows } = await sql`
          select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query like '%castVote%'`.execute(ctx.db)
        if (rows.length > 0) return
      }
    }
    /** A vote that waits for what is done before it, and saw the review without it. */
    const voteAfter = async (
      id: string,
      type: Vote,
      before: (tx: Parameters<typeof castVote>[0]) => Promise<unknown>,
    ) => {
      const started = await inTx(ctx, async (tx) => {
        await before(tx.db)
        const answer = vote(id, voters[0]!, type)
        await waiting()
        return { answer }
      })
      return (await started.answer).json()
    }
    const switched = await makeReview(ctx.db, { user_id: author.id })
    const first = (tx: Parameters<typeof castVote>[0]) => castVote(tx, switched.id, voters[0]!.id, 'helpful')
    expect(await voteAfter(switched.id, 'unhelpful', first)).toMatchObject({ helpful_votes: 0, unhelpful_votes: 1 })
    expect(await counters(switched.id)).toMatchObject(await counted(switched.id))

    const edited = await makeReview(ctx.db, { user_id: author.id })
    await vote(edited.id, voters[0]!, 'helpful')
    const anew = (tx: Parameters<typeof castVote>[0]) =>
      sql`update reviews set revision = 2, helpful_votes = 0 where id = ${edited.id}`.execute(tx)
    expect(await voteAfter(edited.id, 'helpful', anew)).toMatchObject({ helpful_votes: 1, helpful_votes_ever: 1 })
    expect(await counters(edited.id)).toMatchObject(await counted(edited.id))
  })

  it('do so while the review is edited', { timeout: 60_000 }, async () => {
    const { id } = await makeReview(ctx.db, { user_id: author.id })
    const texts = [
      'All of it is new and better now.',
      'Nothing of that is left today.',
      'A third text altogether, at last.',
    ]
    const requests = Array.from({ length: 150 }, (_, index) =>
      index % 50 === 25
        ? app.inject({
            method: 'PUT',
            url: `/api/v1/reviews/${id}`,
            headers: as(author),
            payload: { review_text: texts[Math.floor(index / 50)] },
          })
        : vote(id, voters[index % 100]!, index % 3 === 0 ? 'unhelpful' : index % 7 === 0 ? null : 'helpful'),
    )
    const answers = await Promise.all(requests)
    expect(
      answers.map(({ statusCode, body }) => (statusCode > 204 ? `${statusCode} ${body}` : '')).filter(Boolean),
    ).toEqual([])
    expect((await read(id)).revision).toBe(4)
    expect(await counters(id)).toMatchObject(await counted(id))
  })
})

describe('an account that goes', () => {
  it('takes its votes out of the counts, by whatever way it goes', async () => {
    const reviews = await Promise.all([makeReview(ctx.db), makeReview(ctx.db)])
    const leaving = await makeAuthor(ctx.db)
    for (const { id } of reviews) {
      await vote(id, leaving, 'helpful')
      await vote(id, voters[0]!, 'helpful')
    }
    await ctx.db.deleteFrom('users').where('id', '=', leaving.id).execute()
    for (const { id } of reviews) {
      expect(await counters(id)).toMatchObject({ helpful_votes: 1, helpful_votes_ever: 1 })
      expect(await counters(id)).toMatchObject(await counted(id))
    }
  })

  it('leaves its reviews to nobody, and the scores as they were', async () => {
    const leaving = await makeAuthor(ctx.db)
    const { id, movie_id } = await makeReview(ctx.db, { user_id: leaving.id })
    await ctx.db.deleteFrom('users').where('id', '=', leaving.id).execute()
    expect(await read(id)).toMatchObject({ user: null, movie: { review_count: 1, lemon_pie_rating: 7 }, movie_id })
    expect((await vote(id, voters[0]!, 'helpful')).statusCode).toBe(200)
  })
})

describe('counters of votes', () => {
  it('are not left half done by a transaction that fails', async () => {
    const { id } = await makeReview(ctx.db)
    await inTx(ctx, async (tx) => {
      await tx.db
        .insertInto('review_votes')
        .values({ review_id: id, user_id: author.id, vote_type: 'helpful', revision: 1 })
        .execute()
      throw new Error('no')
    }).catch(() => {})
    expect(await counters(id)).toMatchObject(await counted(id))
  })
})
