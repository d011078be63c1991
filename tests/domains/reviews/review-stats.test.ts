import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { decideReview, editReview, publishReview, removeReview } from '../../../src/domains/reviews/review.service.ts'
import { reconcileReviews, refreshRatingPrior } from '../../../src/domains/reviews/review-stats.jobs.ts'
import { voteOnReview } from '../../../src/domains/reviews/vote.service.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { byHeader, makeAuthor, makeReview, someText } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App

beforeAll(async () => {
  ctx = await testContext({ env: { DATABASE_POOL_MAX: '10' } })
  app = await testApp(ctx, { authenticate: byHeader })
  return () => ctx[Symbol.asyncDispose]()
})

const statsOf = async (movieId: string) => (await app.inject(`/api/v1/movies/${movieId}/stats`)).json()
const rowOf = (movieId: string) =>
  ctx.db.selectFrom('movie_stats').selectAll().where('movie_id', '=', movieId).executeTakeFirstOrThrow()
const drift = async (table: string): Promise<number> => {
  const { values } = await ctx.metrics.counterDrift.get()
  return Number(values.find(({ labels }) => labels.table === table)?.value ?? 0)
}

const deadlocks = async (): Promise<number> => {
  await sql`select pg_stat_force_next_flush()`.execute(ctx.db)
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()`.execute(ctx.db)
  return rows[0]!.deadlocks
}

/** Titles whose sums differ from their reviews, found by recomputing without any of the functions that keep them. */
const wrongTitles = async (): Promise<unknown[]> => {
  const columns = ['cultural_authenticity', 'production_quality', 'story', 'acting', 'cinematography']
  const ratings = ['lemon_pie_rating', ...columns.map((name) => `${name}_rating`)]
  const criteria = columns
    .map((name) => `s.${name}_count <> count(r.${name}_rating) or s.${name}_sum <> coalesce(sum(r.${name}_rating), 0)`)
    .join(' or ')
  const { rows } = await sql`
    select s.movie_id
    from movie_stats s
    left join (
      select x.id, x.movie_id, x.as_critic, ${sql.raw(ratings.join(', '))} from reviews x
      where x.moderation_status = 'approved' and x.exclusion is null
      union all
      -- What is held counts with what it counted with before, if it did.
      select x.id, x.movie_id, x.as_critic, ${sql.raw(ratings.map((_, index) => `x.counted_ratings[${index + 1}]`).join(', '))} from reviews x
      where x.moderation_status = 'approved' and x.exclusion = 'held' and x.counted_ratings is not null
    ) r on r.movie_id = s.movie_id
    group by s.movie_id
    having s.review_count <> count(r.id) or s.rating_sum <> coalesce(sum(r.lemon_pie_rating), 0)
      or s.critic_count <> count(*) filter (where r.as_critic)
      or s.critic_sum <> coalesce(sum(r.lemon_pie_rating) filter (where r.as_critic), 0)
      or s.held_count <> (select count(*) from reviews h
        where h.movie_id = s.movie_id and h.exclusion = 'held' and h.moderation_status <> 'rejected')
      or (select sum(n * c) from unnest(s.rating_counts) with ordinality x (c, n)) <> s.rating_sum
      or (select sum(c) from unnest(s.rating_counts) c) <> s.review_count
      or s.weighted_rating is distinct from case when count(r.id) > 0
        then round((10 * (select mean from rating_prior) + coalesce(sum(r.lemon_pie_rating), 0)) / (10 + count(r.id)), 3) end
      or ${sql.raw(criteria)}`.execute(ctx.db)
  return rows
}

describe('the scores of a title', () => {
  it('are means, counts and a distribution over its approved reviews', async () => {
    const { id } = await makeTitle(ctx.db)
    expect(await statsOf(id)).toMatchObject({
      average_rating: null,
      weighted_rating: null,
      score_state: 'insufficient',
    })
    const give = (lemon_pie_rating: number, more: object = {}) =>
      makeReview(ctx.db, { movie_id: id, lemon_pie_rating, ...more })
    await give(10, { story_rating: 9, acting_rating: 10 })
    await give(8, { story_rating: 6, as_critic: true })
    await give(8, { cinematography_rating: 1 })
    await give(1, { moderation_status: 'pending' })
    await give(1, { moderation_status: 'rejected' })
    await ctx.cache.forgetFamilies('movie_stats')
    expect(await statsOf(id)).toEqual({
      average_rating: 8.7,
      weighted_rating: 7,
      review_count: 3,
      rating_distribution: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0, 8: 2, 9: 0, 10: 1 },
      critic_rating: 8,
      critic_count: 1,
      audience_rating: 9,
      audience_count: 2,
      score_state: 'insufficient',
      cultural_authenticity_avg: null,
      cultural_authenticity_count: 0,
      production_quality_avg: null,
      production_quality_count: 0,
      story_avg: 7.5,
      story_count: 2,
      acting_avg: 10,
      acting_count: 1,
      cinematography_avg: 1,
      cinematography_count: 1,
    })
    await give(7)
    await give(7)
    await ctx.cache.forgetFamilies('movie_stats')
    expect(await statsOf(id)).toMatchObject({ review_count: 5, score_state: 'normal' })
  })

  it('are told to be held while reviews are, and are those without them', async () => {
    const { id } = await makeTitle(ctx.db)
    for (const rating of [8, 8, 8, 8, 8]) await makeReview(ctx.db, { movie_id: id, lemon_pie_rating: rating })
    const bombs = await Promise.all(
      [1, 1].map((rating) => makeReview(ctx.db, { movie_id: id, lemon_pie_rating: rating })),
    )
    const held = ctx.db.updateTable('reviews').set({ exclusion: 'held' })
    await held
      .where(
        'id',
        'in',
        bombs.map((bomb) => bomb.id),
      )
      .execute()
    expect(await statsOf(id)).toMatchObject({ average_rating: 8, review_count: 5, score_state: 'held' })
    const moderator = await makeAuthor(ctx.db, { role: 'moderator' })
    await decideReview(ctx, moderator, bombs[0]!.id, { decision: 'reject', reason: 'Part of a campaign.' })
    expect(await statsOf(id)).toMatchObject({ score_state: 'held' })
    await decideReview(ctx, moderator, bombs[1]!.id, { decision: 'approve', reason: null })
    expect(await statsOf(id)).toMatchObject({ average_rating: 6.8, review_count: 6, score_state: 'normal' })
  })

  it('are drawn to the mean of the catalogue, so that one ten does not top the charts', async () => {
    const [one, many] = [await makeTitle(ctx.db, { type: 'series' }), await makeTitle(ctx.db, { type: 'series' })]
    await makeReview(ctx.db, { movie_id: one.id, lemon_pie_rating: 10 })
    for (let index = 0; index < 30; index += 1) await makeReview(ctx.db, { movie_id: many.id, lemon_pie_rating: 9 })
    const list = (await app.inject('/api/v1/series?sort=rating&has_reviews=true')).json()
    expect(list.data.map(({ id }: { id: string }) => id)).toEqual([many.id, one.id])
    expect(list.data[1].lemon_pie_rating).toBe(10)
    const none = (await app.inject('/api/v1/series?has_reviews=true&rating_min=9.5')).json()
    expect(none.data.map(({ id }: { id: string }) => id)).toEqual([one.id])
  })

  it('follow the mean of the catalogue when it moves, and not when it hardly does', async () => {
    const { id } = await makeTitle(ctx.db)
    await makeReview(ctx.db, { movie_id: id, lemon_pie_rating: 10 })
    await refreshRatingPrior(ctx)
    const prior = async () =>
      await ctx.db.selectFrom('rating_prior').select(['mean', 'updated_at']).executeTakeFirstOrThrow()
    const settled = await prior()
    await refreshRatingPrior(ctx)
    expect(await prior()).toEqual(settled)
    for (let index = 0; index < 12; index += 1) await makeReview(ctx.db, { lemon_pie_rating: 1 })
    expect((await rowOf(id)).weighted_rating).toBeCloseTo((10 * settled.mean + 10) / 11, 2)
    await refreshRatingPrior(ctx)
    const moved = await prior()
    expect(moved.mean).toBeLessThan(settled.mean - 0.1)
    expect((await rowOf(id)).weighted_rating).toBeCloseTo((10 * moved.mean + 10) / 11, 2)
    expect(await wrongTitles()).toEqual([])
  })
})

describe('after whatever happens in whatever order', () => {
  it('the sums are what recomputing gives', { timeout: 120_000 }, async () => {
    const [authors, titles, moderator] = await Promise.all([
      Promise.all((['user', 'user', 'critic', 'user'] as const).map((role) => makeAuthor(ctx.db, { role }))),
      Promise.all([makeTitle(ctx.db), makeTitle(ctx.db), makeTitle(ctx.db, { release_date: '2150-01-01' })]),
      makeAuthor(ctx.db, { role: 'moderator' }),
    ])
    const idOf = async (author: Actor, title: { id: string }) =>
      (
        await ctx.db
          .selectFrom('reviews')
          .select('id')
          .where('user_id', '=', author.id)
          .where('movie_id', '=', title.id)
          .executeTakeFirst()
      )?.id ?? '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77'
    const rating = fc.integer({ min: 1, max: 10 })
    const criterion = fc.option(rating)
    const step = fc.record({
      what: fc.constantFrom(
        'publish',
        'edit',
        'approve',
        'reject',
        'hold',
        'pend',
        'delete',
        'vote',
        'release',
        'many',
      ),
      author: fc.nat({ max: 3 }),
      title: fc.nat({ max: 2 }),
      lemon_pie_rating: rating,
      story_rating: criterion,
      acting_rating: criterion,
    })
    type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
    const run = async ({ what, author: a, title: t, ...ratings }: Step): Promise<unknown> => {
      const [author, title] = [authors[a]!, titles[t]!]
      const id = await idOf(author, title)
      const set = (values: object) => ctx.db.updateTable('reviews').set(values).where('id', '=', id).execute()
      switch (what) {
        case 'publish':
          return publishReview(ctx, author, { movie_id: title.id, review_text: someText(), ...ratings })
        case 'edit':
          return editReview(ctx, author, id, { ...ratings, review_text: someText() })
        case 'approve':
        case 'reject':
          return decideReview(ctx, moderator, id, { decision: what, reason: null })
        case 'hold':
          return set({ exclusion: 'held' })
        case 'pend':
          return set({ moderation_status: 'pending' })
        case 'delete':
          return removeReview(ctx, author, id)
        case 'vote':
          return voteOnReview(ctx, moderator, id, 'helpful')
        case 'release':
          return ctx.db
            .updateTable('movies')
            .set({ release_date: ratings.lemon_pie_rating > 5 ? '2150-01-01' : '2019-01-01', release_precision: 'day' })
            .set({ release_year: ratings.lemon_pie_rating > 5 ? 2150 : 2019 })
            .where('id', '=', title.id)
            .execute()
        case 'many':
          // One statement over several titles, as erasing an account is.
          return ctx.db
            .updateTable('reviews')
            .set({ moderation_status: ratings.lemon_pie_rating > 5 ? 'approved' : 'rejected' })
            .where('user_id', '=', author.id)
            .execute()
      }
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
        for (const one of steps) {
          await run(one).catch((error) => {
            if (!(error instanceof AppError) || error.status >= 500) throw error
          })
        }
        expect(await wrongTitles()).toEqual([])
      }),
      { numRuns: 15 },
    )
    // And all at once, by what the service itself does: whoever comes together waits in one order.
    const used = step.filter(({ what }) => !['hold', 'pend', 'many'].includes(what))
    const before = await deadlocks()
    await fc.assert(
      fc.asyncProperty(fc.array(used, { minLength: 20, maxLength: 40 }), async (steps) => {
        const outcomes = await Promise.allSettled(steps.map(run))
        const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
        expect(failures.filter((error) => !(error instanceof AppError) || error.status >= 500)).toEqual([])
        expect(await wrongTitles()).toEqual([])
      }),
      { numRuns: 8 },
    )
    expect(await deadlocks()).toBe(before)
  })

  it('erasing an account keeps them right, whether its reviews stay or go', async () => {
    const [staying, going] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db)]
    const titles = await Promise.all([makeTitle(ctx.db), makeTitle(ctx.db)])
    for (const { id } of titles) {
      await makeReview(ctx.db, { movie_id: id, user_id: staying.id, lemon_pie_rating: 4 })
      await makeReview(ctx.db, { movie_id: id, user_id: going.id, lemon_pie_rating: 10 })
    }
    await ctx.db.deleteFrom('users').where('id', '=', staying.id).execute()
    await ctx.db.deleteFrom('reviews').where('user_id', '=', going.id).execute()
    for (const { id } of titles) expect(await rowOf(id)).toMatchObject({ review_count: 1, rating_sum: 4 })
    expect(await wrongTitles()).toEqual([])
  })
})

describe('a load of many', () => {
  it('may count at its end, all at once', async () => {
    const title = await makeTitle(ctx.db)
    await ctx.db.transaction().execute(async (tx) => {
      await sql`set local lemonnpie.review_stats = 'deferred'`.execute(tx)
      await sql`
        insert into reviews (movie_id, lemon_pie_rating, review_text, review_language)
        select ${title.id}::uuid, 1 + n % 10, 'Loaded as number ' || n, 'en' from generate_series(1, 200) n`.execute(tx)
      await sql`
        insert into review_votes (review_id, user_id, vote_type, revision)
        select r.id, u.id, 'helpful', 1 from reviews r cross join (select id from users limit 3) u
        where r.movie_id = ${title.id}`.execute(tx)
      const { rows } = await sql`select review_count from movie_stats where movie_id = ${title.id}`.execute(tx)
      expect(rows).toEqual([{ review_count: 0 }])
      await sql`select refresh_review_stats(array[${title.id}]::uuid[]), refresh_review_votes()`.execute(tx)
    })
    expect(await rowOf(title.id)).toMatchObject({
      review_count: 200,
      rating_sum: 1100,
      rating_counts: Array(10).fill(20),
    })
    const { rows } = await sql`
      select distinct helpful_votes, helpful_votes_ever from reviews where movie_id = ${title.id}`.execute(ctx.db)
    expect(rows).toEqual([{ helpful_votes: 3, helpful_votes_ever: 3 }])
    expect(await wrongTitles()).toEqual([])
  })
})

describe('the reconciliation', () => {
  it('finds nothing where nothing is wrong', async () => {
    await reconcileReviews(ctx)
    const before = [await drift('movie_stats'), await drift('reviews')]
    await reconcileReviews(ctx)
    expect([await drift('movie_stats'), await drift('reviews')]).toEqual(before)
  })

  it('finds a broken row, repairs it and reports it', async () => {
    const review = await makeReview(ctx.db, { lemon_pie_rating: 6, story_rating: 5 })
    const before = [await drift('movie_stats'), await drift('reviews')] as const
    await sql`update movie_stats set story_sum = 9 where movie_id = ${review.movie_id}`.execute(ctx.db)
    await sql`update reviews set helpful_votes = 7, helpful_votes_ever = 7 where id = ${review.id}`.execute(ctx.db)
    await reconcileReviews(ctx)
    expect([await drift('movie_stats'), await drift('reviews')]).toEqual([before[0] + 1, before[1] + 1])
    expect(await rowOf(review.movie_id)).toMatchObject({ story_sum: 5, rating_sum: 6 })
    const { rows } = await sql`select helpful_votes, helpful_votes_ever from reviews where id = ${review.id}`.execute(
      ctx.db,
    )
    expect(rows).toEqual([{ helpful_votes: 0, helpful_votes_ever: 0 }])
    const metrics = (await app.inject('/metrics')).body
    expect(metrics).toContain('lemonnpie_counter_drift_total{table="movie_stats"}')
  })

  it('counts a weighted rating that follows neither the mean nor the one before, and no other', async () => {
    const right = await makeReview(ctx.db)
    const wrong = await makeReview(ctx.db)
    await refreshRatingPrior(ctx)
    await reconcileReviews(ctx)
    const before = await drift('movie_stats')
    // As it is while a mean that has moved is being applied: some titles are not there yet.
    await sql`update rating_prior set former_mean = mean, mean = mean + 0.5`.execute(ctx.db)
    await reconcileReviews(ctx)
    expect(await drift('movie_stats')).toBe(before)
    await sql`update movie_stats set weighted_rating = 9.876 where movie_id = ${wrong.movie_id}`.execute(ctx.db)
    // The job that applies the mean does not repair it without a word.
    await refreshRatingPrior(ctx)
    expect((await rowOf(wrong.movie_id)).weighted_rating).toBe(9.876)
    await reconcileReviews(ctx)
    expect(await drift('movie_stats')).toBe(before + 1)
    const [one, other] = [await rowOf(right.movie_id), await rowOf(wrong.movie_id)]
    expect(other.weighted_rating).toBe(one.weighted_rating)
  })

  it.each([
    'review_count = review_count + 1',
    'rating_sum = rating_sum + 1',
    "rating_counts = '{0,0,0,0,0,0,0,0,0,1}'",
    'critic_count = 1',
    'critic_sum = 3',
    'held_count = 1',
    'acting_count = 2',
    'weighted_rating = null',
    'weighted_rating = weighted_rating + 0.5',
  ])('notices %s', async (breaking) => {
    const { movie_id } = await makeReview(ctx.db)
    const right = await rowOf(movie_id)
    await sql`update movie_stats set ${sql.raw(breaking)} where movie_id = ${movie_id}`.execute(ctx.db)
    await reconcileReviews(ctx)
    expect(await rowOf(movie_id)).toEqual({ ...right, updated_at: expect.any(String) })
  })
})
