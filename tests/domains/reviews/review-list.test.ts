import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import type { Actor } from '../../../src/lib/actor.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor, makeReview } from '../../support/review-factory.ts'

let ctx: TestContext
let app: App
let reader: Actor
let movieId: string
let slug: string

const get = (path: string, actor: Actor | null = null) => app.inject({ url: `/api/v1${path}`, headers: as(actor) })
const json = async (path: string, actor: Actor | null = null) => {
  const answer = await get(path, actor)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const texts = (page: { data: { review_text: string }[] }) => page.data.map(({ review_text }) => review_text.slice(0, 1))

/** Every page of a list, two rows at a time. */
async function walk(path: string, actor: Actor | null = null): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await json(`${path}&reveal=true&limit=2${cursor && `&cursor=${cursor}`}`, actor)
    seen.push(...texts(page))
    cursor = page.page.next_cursor
  }
  return seen
}

// letter: rating, day, helpful, unhelpful, and what else filters look at
const rows: [string, number, number, number, number, Record<string, unknown>?][] = [
  ['a', 9, 1, 1, 0, { review_language: 'yo', tags: ['epic'] }],
  ['b', 3, 2, 90, 10, { spoiler_warning: true }],
  ['c', 9, 3, 0, 0, { as_critic: true, tags: ['epic', 'must_watch'] }],
  ['d', 1, 4, 10, 30, { review_language: 'pcm' }],
  ['e', 7, 5, 5, 0, { as_critic: true, review_language: 'yo' }],
]

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  reader = await makeAuthor(ctx.db)
  const title = await makeTitle(ctx.db, { title: 'Much Reviewed' })
  movieId = title.id
  slug = title.slug
  for (const [letter, lemon_pie_rating, day, helpful, unhelpful, more = {}] of rows) {
    await makeReview(ctx.db, {
      movie_id: movieId,
      lemon_pie_rating,
      review_text: `${letter} is what this one says.`,
      created_at: `2026-01-0${day}T12:00:00Z`,
      helpful_votes: helpful,
      unhelpful_votes: unhelpful,
      helpful_votes_ever: helpful,
      unhelpful_votes_ever: unhelpful,
      ...more,
    })
  }
  await makeReview(ctx.db, {
    movie_id: movieId,
    user_id: reader.id,
    moderation_status: 'pending',
    review_text: 'p waits for a moderator.',
    lemon_pie_rating: 5,
    created_at: '2026-01-03T18:00:00Z',
  })
  for (const moderation_status of ['pending', 'rejected'] as const) {
    await makeReview(ctx.db, { movie_id: movieId, moderation_status, review_text: 'x is nobody else’s to see.' })
  }
  return () => ctx[Symbol.asyncDispose]()
})

const sorts = [
  ['newest', 'edcba', 'edpcba'],
  ['oldest', 'abcde', 'abcpde'],
  ['highest', 'caebd', 'caepbd'],
  ['lowest', 'dbeac', 'dbpeac'],
  ['most_helpful', 'beadc', 'beadpc'],
] as const

describe('a list of reviews', () => {
  // Rows made in one go have ids in the order of making, which is what ties go by; p was made last.
  it.each(sorts)('sorted by %s pages through approved ones, and one’s own', async (sort, everybodys, mine) => {
    const own = sort === 'most_helpful' ? 'beadpc' : mine
    for (const path of [
      `/reviews?movie_id=${movieId}&sort=${sort}`,
      `/movies/${movieId}/reviews?sort=${sort}`,
      `/movies/${slug}/reviews?sort=${sort}`,
    ]) {
      expect((await walk(path)).join(''), path).toBe(everybodys)
      expect((await walk(path, reader)).join(''), path).toBe(own)
    }
  })

  it.each([
    ['rating_min=7', 'eca'],
    ['rating_max=3', 'db'],
    ['rating_min=3&rating_max=7', 'eb'],
    ['language=yo', 'ea'],
    ['language=ha', ''],
    ['spoiler=exclude', 'edca'],
    ['spoiler=include', 'edcba'],
    ['tag=epic', 'ca'],
    ['tag=Must%20Watch', 'c'],
    ['tag=none_such', ''],
    ['critic_only=true', 'ec'],
    ['critic_only=false', 'edcba'],
    ['critic_only=true&language=yo&rating_min=5', 'e'],
  ])('narrowed by %s', async (query, expected) => {
    expect((await walk(`/reviews?movie_id=${movieId}&${query}`)).join('')).toBe(expected)
    const page = await json(`/movies/${slug}/reviews?${query}&include_total=true&reveal=true`)
    expect(texts(page).join('')).toBe(expected)
    expect(page.page.total).toBe(expected.length)
  })

  it('counts when asked to, one’s own too', async () => {
    const path = `/movies/${slug}/reviews?include_total=true`
    expect((await json(path)).page.total).toBe(5)
    expect((await json(path, reader)).page.total).toBe(6)
    expect((await json(`/movies/${slug}/reviews`)).page.total).toBe(null)
  })

  it('of one account is its approved ones, and all to itself', async () => {
    await makeReview(ctx.db, { user_id: reader.id, review_text: 'q is on another title.' })
    expect((await json(`/users/${reader.id}/reviews`)).data).toMatchObject([{ review_text: 'q is on another title.' }])
    expect(texts(await json(`/users/${reader.id}/reviews?include_total=true`, reader)).join('')).toBe('qp')
    expect((await json(`/users/${reader.id.toUpperCase()}/reviews?include_total=true`, reader)).page.total).toBe(2)
    expect(await walk(`/reviews?user_id=${reader.id}`, reader)).toEqual(['q', 'p'])
    expect((await json(`/users/${(await makeAuthor(ctx.db)).id}/reviews`)).data).toEqual([])
    expect((await get(`/users/${movieId}/reviews`)).statusCode).toBe(404)
  })

  it('of all titles has them in order too', async () => {
    expect((await walk('/reviews?sort=oldest')).slice(0, 5)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await walk('/reviews?tag=epic')).toEqual(['c', 'a'])
  })

  it('says of author and title what everybody may know, and never an address', async () => {
    const answer = await get(`/reviews?movie_id=${movieId}`)
    const [first] = answer.json().data
    expect(Object.keys(first.user).sort()).toEqual(['avatar_url', 'id', 'name', 'role'])
    expect(first.movie).toMatchObject({ id: movieId, slug, title: 'Much Reviewed', review_count: 5 })
    expect(answer.body).not.toContain('@lemonnpie.test')
  })

  it('has the caller’s own votes', async () => {
    const [first] = (await json(`/movies/${slug}/reviews`, reader)).data
    await app.inject({
      method: 'POST',
      url: `/api/v1/reviews/${first.id}/vote`,
      headers: as(reader),
      payload: { vote_type: 'unhelpful' },
    })
    const again = (await json(`/movies/${slug}/reviews`, reader)).data
    expect(again.map(({ user_vote }: { user_vote: string }) => user_vote)).toEqual([
      'unhelpful',
      null,
      null,
      null,
      null,
      null,
    ])
    const anybodys = (await json(`/movies/${slug}/reviews`)).data
    expect(anybodys.every(({ user_vote }: { user_vote: unknown }) => user_vote === null)).toBe(true)
    await app.inject({ method: 'DELETE', url: `/api/v1/reviews/${first.id}/vote`, headers: as(reader) })
  })

  it('stays in order while new ones come', async () => {
    const { id: movie } = await makeTitle(ctx.db)
    const add = (letter: string) => makeReview(ctx.db, { movie_id: movie, review_text: `${letter} comes in between.` })
    for (const letter of 'abc') await add(letter)
    const first = await json(`/movies/${movie}/reviews?limit=2`)
    await add('d')
    const rest = await json(`/movies/${movie}/reviews?limit=2&cursor=${first.page.next_cursor}`)
    expect([...texts(first), ...texts(rest)].join('')).toBe('cba')
  })
})

describe('a title’s reviews', () => {
  it('are a 404 where there is no such title, and empty where there are none', async () => {
    for (const path of [
      '/movies/none-such/reviews',
      `/series/${slug}/reviews`,
      `/movies/${reader.id}/reviews?limit=3`,
    ]) {
      expect((await get(path)).statusCode, path).toBe(404)
    }
    const quiet = await makeTitle(ctx.db, { type: 'series' })
    expect((await json(`/series/${quiet.slug}/reviews`)).data).toEqual([])
    expect((await json(`/series/${quiet.slug}/reviews?limit=5`)).data).toEqual([])
  })

  it('are found under a former slug by way of the present one', async () => {
    await ctx.db.insertInto('movie_former_slugs').values({ slug: 'once-reviewed', movie_id: movieId }).execute()
    for (const query of ['', '?sort=oldest&limit=3']) {
      const answer = await get(`/movies/once-reviewed/reviews${query}`)
      expect([answer.statusCode, answer.headers.location]).toEqual([308, `/api/v1/movies/${slug}/reviews${query}`])
    }
  })

  it('go on under any name of the title, but not under another title', async () => {
    const { next_cursor } = (await json(`/movies/${slug}/reviews?limit=2`)).page
    expect(
      texts(await json(`/movies/${movieId.toUpperCase()}/reviews?limit=2&reveal=true&cursor=${next_cursor}`)),
    ).toEqual(['c', 'b'])
    const other = await makeReview(ctx.db, { created_at: '2020-01-01T00:00:00Z' })
    expect((await get(`/movies/${other.movie_id}/reviews?limit=2&cursor=${next_cursor}`)).statusCode).toBe(422)
  })

  it('are embedded in the title, and their cursor leads on', async () => {
    const { id, slug: long } = await makeTitle(ctx.db)
    for (let index = 0; index < 22; index += 1) {
      await makeReview(ctx.db, { movie_id: id, created_at: new Date(Date.UTC(2026, 0, 1, index)).toISOString() })
    }
    const mine = await makeReview(ctx.db, { movie_id: id, user_id: reader.id, moderation_status: 'pending' })
    for (const actor of [null, reader]) {
      const movie = await json(`/movies/${long}?include=similar,reviews`, actor)
      expect(movie.reviews.data).toHaveLength(20)
      expect(movie.reviews.data.map((review: { id: string }) => review.id).includes(mine.id)).toBe(actor !== null)
      const rest = await json(`/movies/${long}/reviews?cursor=${movie.reviews.page.next_cursor}`, actor)
      expect(rest.data).toHaveLength(actor === null ? 2 : 3)
      expect(movie.similar.data).toBeDefined()
      expect(movie.reviews.data).toEqual((await json(`/movies/${long}/reviews`, actor)).data)
    }
  })
})

describe('a wrong query', () => {
  it.each([
    ['/reviews?sort=best', 'query.sort'],
    ['/reviews?limit=101', 'query.limit'],
    ['/reviews?rating_min=0', 'query.rating_min'],
    ['/reviews?rating_min=8&rating_max=3', 'query.rating_min'],
    ['/reviews?language=fr', 'query.language'],
    ['/reviews?spoiler=maybe', 'query.spoiler'],
    ['/reviews?tag=!!', 'query.tag'],
    ['/reviews?movie_id=king-of-boys', 'query.movie_id'],
    ['/reviews?user_id=1', 'query.user_id'],
    ['/reviews?cursor=AAAA', 'query.cursor'],
    ['/reviews/trending?window=year', 'query.window'],
    ['/users/1/reviews', 'params.user_id'],
  ])('%s names %s', async (path, field) => {
    const answer = await get(path)
    expect(answer.statusCode).toBe(422)
    expect(answer.json().details).toMatchObject([{ field }])
  })

  it('is a cursor of another list, sort or filter', async () => {
    const { next_cursor } = (await json(`/reviews?movie_id=${movieId}&limit=2`)).page
    for (const query of ['limit=2', `movie_id=${movieId}&sort=oldest`, `movie_id=${movieId}&tag=epic`]) {
      expect((await get(`/reviews?${query}&cursor=${next_cursor}`)).statusCode).toBe(422)
    }
  })
})

describe('what caches may do', () => {
  it('depends on who asks, and a tag spares the transfer', async () => {
    for (const path of [`/movies/${slug}/reviews`, '/reviews', `/movies/${slug}`, '/reviews/trending']) {
      const [anybodys, own] = [await get(path), await get(path, reader)]
      expect(anybodys.headers['cache-control'], path).toMatch(/^public/)
      expect(own.headers['cache-control'], path).toBe('private, no-cache')
      for (const answer of [anybodys, own]) expect(answer.headers.vary).toContain('authorization')
      for (const [actor, etag] of [
        [null, anybodys.headers.etag],
        [reader, own.headers.etag],
      ] as const) {
        const again = await app.inject({
          url: `/api/v1${path}`,
          headers: { ...as(actor), 'if-none-match': etag as string },
        })
        expect(again.statusCode).toBe(304)
      }
    }
  })
})

describe('every order', () => {
  const orders = {
    newest: 'created_at desc, id desc',
    oldest: 'created_at, id',
    highest: 'lemon_pie_rating desc, id desc',
    lowest: 'lemon_pie_rating, id',
    most_helpful: 'helpful_score desc, id desc',
  }

  it('of all reviews and of a title’s has an index to walk, without a sort', async () => {
    await ctx.db.connection().execute(async (db) => {
      // What a planner chooses for a large table, made plain by what it may not choose for this small one.
      await sql`select set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false)`.execute(
        db,
      )
      for (const narrow of ['', `and movie_id = '${movieId}'`]) {
        for (const [sort] of sorts) {
          const { rows: lines } = await sql<{ 'QUERY PLAN': string }>`explain ${sql.raw(
            `select id from reviews where moderation_status = 'approved' ${narrow} order by ${orders[sort]} limit 21`,
          )}`.execute(db)
          const plan = lines.map((line) => line['QUERY PLAN']).join('\n')
          expect(plan, `${sort} ${narrow}`).not.toMatch(/Sort|Seq Scan/)
        }
      }
      await sql`reset all`.execute(db)
    })
  })
})
