import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { reviewSorts } from '../../../src/domains/reviews/review-list.schemas.ts'
import {
  conditionsOf,
  listReviews,
  mostWalked,
  type ReviewFilters,
  type ReviewListOptions,
  reviewList,
} from '../../../src/domains/reviews/review-walk.queries.ts'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let viewer: Actor
let busy: string

const perTitle = 4_700

/** Reviews of a title of which those that a filter is about are the last ones in every order. */
const load = (movieId: string) => sql`
  insert into reviews (movie_id, created_at, lemon_pie_rating, helpful_votes, helpful_votes_ever, review_language, as_critic,
    spoiler_warning, review_text)
  select ${movieId}, now() - make_interval(mins => n), case when is_last then 1 + n % 2 else 5 + n % 5 end,
    case when is_last then 0 else 5 + n % 90 end, case when is_last then 0 else 5 + n % 90 end,
    case when is_last then 'ha' else 'en' end, is_last, not is_last, 'A film that nobody will forget, number ' || n
  from generate_series(1, ${perTitle}) n
  cross join lateral (select n > ${perTitle - 60} as is_last) l`

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  viewer = await makeAuthor(ctx.db)
  busy = (await makeTitle(ctx.db)).id
  const other = (await makeTitle(ctx.db)).id
  await ctx.db.transaction().execute(async (tx) => {
    await sql`set local lemonnpie.review_stats = 'deferred'`.execute(tx)
    await sql`set local lemonnpie.social = 'deferred'`.execute(tx)
    for (const id of [busy, other]) await load(id).execute(tx)
    await sql`insert into review_tags (review_id, tag)
      select id, 'rare' from reviews where review_language = 'ha'
      union all select id, 'common' from reviews where movie_id = ${busy} and created_at < now() - make_interval(mins => 2500)`.execute(
      tx,
    )
    await sql`select refresh_review_stats()`.execute(tx)
  })
  // What the caller alone sees, among the oldest.
  const own = { user_id: viewer.id, movie_id: busy, moderation_status: 'pending', review_language: 'ha' } as const
  await makeReview(ctx.db, {
    ...own,
    lemon_pie_rating: 2,
    created_at: '2020-01-01T00:00:00Z',
    tags: ['rare', 'common'],
  })
  await sql`vacuum analyze reviews, review_tags`.execute(ctx.db)
  return () => ctx[Symbol.asyncDispose]()
}, 120_000)

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Node[]
}
const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

async function explain(options: ReviewListOptions): Promise<Node[]> {
  const { rows } = await sql<{
    'QUERY PLAN': [{ Plan: Node }]
  }>`explain (analyze, format json) ${reviewList(options)}`.execute(ctx.db)
  return nodesOf(rows[0]!['QUERY PLAN'][0].Plan)
}

const filters: Readonly<Record<string, ReviewFilters>> = {
  none: {},
  'a rare language': { language: 'ha' },
  'a language of most': { language: 'en' },
  critics: { critic_only: true },
  'low ratings': { rating_max: 2 },
  'high ratings': { rating_min: 9 },
  'no ratings': { rating_min: 3, rating_max: 4 },
  'no spoilers': { no_spoilers: true },
  'a rare tag': { tag: 'rare' },
  'a common tag': { tag: 'common' },
  'a tag of none': { tag: 'nobody_uses_this' },
  'all of them': { language: 'ha', critic_only: true, rating_max: 2, no_spoilers: true, tag: 'common' },
}
const cases = Object.entries(filters).flatMap(([name, each]) => reviewSorts.map((sort) => [name, sort, each] as const))
const base = { reveal: false, rows: 21 }

describe('a list of reviews by', () => {
  it.each(cases)(
    '%s, %s, walks an index and past few rows, of all titles and of one, for anybody and somebody',
    async (_, sort, each) => {
      for (const title of [undefined, { id: busy }]) {
        for (const reader of [null, viewer.id]) {
          const options = { ...base, sort, viewer: reader, filters: { ...each, ...(title ? { title } : {}) } }
          const nodes = await explain(options)
          const onTables = nodes.filter((node) => ['reviews', 'review_tags'].includes(node['Relation Name'] ?? ''))
          expect(onTables.map((node) => node['Node Type'])).not.toContain('Seq Scan')
          // Twice at most: to find, and to learn where to go on.
          const read = onTables.map((node) => node['Actual Rows'] * node['Actual Loops'])
          const removed = nodes.map((node) => (node['Rows Removed by Filter'] ?? 0) * node['Actual Loops'])
          expect(Math.max(...read), JSON.stringify(title)).toBeLessThanOrEqual(mostWalked + 1)
          expect(Math.max(...removed), JSON.stringify(title)).toBeLessThanOrEqual(mostWalked)
        }
      }
    },
  )

  /** All ids of a list, page after page, and how many pages it took. */
  async function walked(options: Omit<ReviewListOptions, 'after'>) {
    const ids: string[] = []
    let pages = 0
    let after: ReviewListOptions['after']
    for (;;) {
      pages += 1
      const { reviews, end } = await listReviews(ctx.db, { ...options, ...(after ? { after } : {}) })
      const data = reviews.slice(0, options.rows - 1)
      ids.push(...data.map(({ id }) => id))
      const last = reviews.length === options.rows ? data.at(-1) : end
      if (!last) return { ids, pages }
      after = [last.sort_key, last.id]
    }
  }

  it.each(cases.filter(([name]) => !['none', 'a language of most'].includes(name)))(
    '%s, %s, finds all there is, each once, in order, in pages that may be short',
    async (_, sort, each) => {
      const keys = {
        newest: 'created_at',
        oldest: 'created_at',
        highest: 'lemon_pie_rating',
        lowest: 'lemon_pie_rating',
        most_helpful: 'helpful_score',
      }
      const direction = sort === 'oldest' || sort === 'lowest' ? 'asc' : 'desc'
      for (const title of [undefined, { id: busy }]) {
        const narrowed = { ...each, ...(title ? { title } : {}) }
        for (const reader of [null, viewer.id]) {
          const expected = await sql<{ id: string }>`
          select r.id from reviews r
          where ${sql.join(
            [sql`(r.moderation_status = 'approved' or r.user_id = ${reader}::uuid)`, ...conditionsOf(narrowed)],
            sql` and `,
          )}
          order by ${sql.raw(`r.${keys[sort]} ${direction}, r.id ${direction}`)}`.execute(ctx.db)
          const all = expected.rows.map(({ id }) => id)
          const { ids, pages } = await walked({ reveal: false, rows: 201, sort, viewer: reader, filters: narrowed })
          expect(ids).toEqual(all)
          expect(pages).toBeLessThanOrEqual(Math.ceil(all.length / 200) + Math.ceil((2 * perTitle) / mostWalked) + 1)
        }
      }
    },
    60_000,
  )

  it('what is far down goes on by its cursor, through the API', async () => {
    const ids: string[] = []
    let shorts = 0
    for (let cursor = ''; ; ) {
      const url = `/api/v1/movies/${busy}/reviews?spoiler=exclude&sort=most_helpful&limit=50${cursor && `&cursor=${cursor}`}`
      const answer = await app.inject({ url, headers: as(viewer) })
      expect(answer.statusCode, answer.body).toBe(200)
      const { data, page } = answer.json()
      ids.push(...data.map(({ id }: { id: string }) => id))
      if (page.next_cursor === null) break
      if (data.length < 50) shorts += 1
      cursor = page.next_cursor
    }
    expect(new Set(ids).size).toBe(ids.length)
    // The sixty, and the caller's own.
    expect(ids.length).toBe(61)
    expect(shorts).toBeGreaterThan(0)
  })
})
