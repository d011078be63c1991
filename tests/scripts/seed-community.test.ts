import { beforeAll, describe, expect, test } from 'vitest'
import { type CommunityOptions, growCommunity } from '../../scripts/seed/community/community.ts'
import { makeReviewText } from '../../scripts/seed/community/review-text.ts'
import { dealOut, inOrderOf, pickFree, zipfQuotas } from '../../scripts/seed/community/shares.ts'
import { isGenerated } from '../../scripts/seed/generated-ids.ts'
import { randomFor } from '../../scripts/seed/generator/random.ts'
import { emailKeyOf } from '../../src/domains/auth/email.policy.ts'
import { cloneDatabase, withClient } from '../support/databases.ts'

const rows = (url: string, sql: string) => withClient(url, async (client) => (await client.query(sql)).rows)
const one = async (url: string, sql: string) => (await rows(url, sql))[0]

const grow = (url: string, amounts: Partial<CommunityOptions>) => growCommunity(url, { randomSeed: 1, ...amounts })

const schema = (url: string) =>
  rows(
    url,
    `select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated from pg_constraint
     where connamespace = 'public'::regnamespace
     union all select tablename, indexname, indexdef, true from pg_indexes where schemaname = 'public' order by 1, 2, 3`,
  )

/** What is in the community, without what depends on the moment of the run. */
const everything = (url: string) =>
  rows(
    url,
    `select to_jsonb(r) - 'assessment' as review, (select u.email || u.name from users u where u.id = r.user_id) as author,
       array(select tag from review_tags t where t.review_id = r.id order by position) as tags,
       array(select user_id || vote_type::text || created_at from review_votes v where v.review_id = r.id order by 1) as votes
     from reviews r order by id`,
  )

const users = 200
const reviews = 2000

describe('a generated community', () => {
  let url: string
  beforeAll(async () => {
    url = await cloneDatabase({ seeded: true })
    expect(await grow(url, { users, reviews })).toMatchObject({ users, reviews, follows: 0 })
  }, 120_000)

  test('has as many accounts as asked for, at a domain that is nobody’s, whom nobody can sign in as', async () => {
    const accounts = await rows(url, `select * from users where ${isGenerated('id')} order by id`)
    expect(accounts).toHaveLength(users)
    for (const { email, email_key, role, password_hash } of accounts) {
      expect(email).toMatch(/^[a-z.]+\.\d+@people\.lemonnpie\.test$/)
      expect(emailKeyOf(email)).toBe(email_key)
      expect(['user', 'critic']).toContain(role)
      expect(password_hash).toMatch(/^\$2b\$12\$\.{53}$/)
    }
    expect(new Set(accounts.map(({ name }) => name)).size).toBeGreaterThan(users * 0.9)
    const verified = accounts.filter(({ is_verified }) => is_verified).length
    expect(verified).toBeGreaterThan(users * 0.85)
    expect(verified).toBeLessThan(users)
  })

  test('has most reviews on a few of the best known titles, and by a few authors', async () => {
    for (const column of ['movie_id', 'user_id']) {
      const counts = (await rows(url, `select count(*)::int as n from reviews group by ${column} order by n desc`)).map(
        ({ n }) => n as number,
      )
      const sum = (many: readonly number[]) => many.reduce((all, n) => all + n, 0)
      expect(sum(counts)).toBe(reviews)
      const median = counts[Math.floor(counts.length / 2)]!
      expect(counts[0], column).toBeGreaterThan(5 * median)
      expect(sum(counts.slice(0, counts.length / 10)), column).toBeGreaterThan(reviews / 4)
      expect(counts.at(-1)).toBeLessThan(median)
    }
    const { most } = await one(
      url,
      'select max(review_count) + (select count(*) from reviews where exclusion is not null) as most from movie_stats',
    )
    // The first title has a fortieth.
    expect(Number(most)).toBeGreaterThanOrEqual(reviews / 40)
  })

  test('spreads ratings, languages, criteria, tags and spoilers', async () => {
    const found = await one(
      url,
      `select count(distinct lemon_pie_rating)::int as ratings, stddev(lemon_pie_rating)::float as spread,
         avg((review_language = 'en')::int)::float as english, count(distinct review_language)::int as languages,
         avg((story_rating is null)::int)::float as no_story, avg(spoiler_warning::int)::float as warned,
         avg((review_text like '%||%')::int)::float as barred, min(length(review_text)) as shortest,
         percentile_disc(0.5) within group (order by length(review_text)) as middle, max(length(review_text)) as longest,
         bool_and(review_text is nfc normalized) as nfc, 1 - count(distinct text_hash)::float / count(*) as same,
         (select count(distinct tag)::int from review_tags) as tags,
         (select count(distinct (movie_id, m)) from (select movie_id, round(avg(lemon_pie_rating)) as m from reviews group by 1) x) as means
       from reviews`,
    )
    expect(found).toMatchObject({ ratings: 10, languages: 5, nfc: true })
    expect(found.spread).toBeGreaterThan(1.5)
    expect(found.english).toBeGreaterThan(0.5)
    expect(found.english).toBeLessThan(0.8)
    expect(found.no_story).toBeGreaterThan(0.2)
    expect(found.no_story).toBeLessThan(0.8)
    expect(found.warned).toBeGreaterThan(0.01)
    expect(found.barred).toBeGreaterThan(0.01)
    expect(found.shortest).toBeGreaterThan(20)
    expect(found.middle).toBeGreaterThan(120)
    expect(found.longest).toBeGreaterThan(600)
    expect(found.same).toBeLessThan(0.02)
    expect(found.tags).toBeGreaterThan(12)
  })

  test('excludes exactly what was cast before the release, and is never before the author joined nor after today', async () => {
    expect(
      await one(
        url,
        `select count(*) filter (where (exclusion is not distinct from 'before_release')
             <> is_before_release(m.release_date, m.release_year, r.created_at))::int as wrongly,
           count(*) filter (where exclusion = 'held')::int as held,
           count(*) filter (where r.created_at < u.created_at)::int as unborn,
           count(*) filter (where r.created_at > now())::int as future
         from reviews r join movies m on m.id = r.movie_id join users u on u.id = r.user_id`,
      ),
    ).toEqual({ wrongly: 0, held: 0, unborn: 0, future: 0 })
    const years = await rows(url, 'select distinct extract(year from created_at) as year from reviews')
    expect(years.length).toBeGreaterThan(4)
  })

  test('peaks in the weeks after a premiere', async () => {
    const { premiere, later } = await one(
      url,
      `select count(*) filter (where age < interval '40 days')::int as premiere,
         count(*) filter (where age between interval '40 days' and interval '80 days')::int as later
       from (select r.created_at - m.release_date as age from reviews r join movies m on m.id = r.movie_id
             where m.release_precision = 'day' and m.release_date > '2020-01-01') aged where age > interval '0'`,
    )
    expect(premiere).toBeGreaterThan(2 * later)
  })

  test('counts scores, votes, mean and search as a recomputation does', async () => {
    expect(await one(url, 'select refresh_review_stats() as stats, refresh_review_votes() as votes')).toEqual({
      stats: 0,
      votes: 0,
    })
    expect(await one(url, 'select refresh_rating_prior() as moved, apply_rating_prior(1000000) as applied')).toEqual({
      moved: false,
      applied: 0,
    })
    expect(
      await one(
        url,
        `select (select sum(review_count)::int from movie_stats) as counted,
           (select count(*)::int from reviews where exclusion is null) as counting,
           (select count(*)::int from movie_stats s join search_documents d using (movie_id)
            where (s.review_count > 0) <> (d.vector @@ '''=v'''::tsquery)
              or (s.lemon_pie_rating is not null and not d.vector @@ ('''=r' || s.lemon_pie_rating || '''')::tsquery)
              or s.popularity <> d.popularity) as unsearchable,
           (select count(*)::int from review_votes v join reviews r on r.id = v.review_id where v.user_id = r.user_id) as own,
           (select count(*)::int from review_votes v join reviews r on r.id = v.review_id where v.created_at < r.created_at) as early,
           (select bool_or(score > 0.1) from movie_trending) as trending`,
      ),
    ).toMatchObject({ unsearchable: 0, own: 0, early: 0 })
    const { counted, counting } = await one(
      url,
      `select (select sum(review_count)::int from movie_stats) as counted,
         (select count(*)::int from reviews where exclusion is null) as counting`,
    )
    expect(counted).toBe(counting)
    const { author, shown, own } = await one(
      url,
      `select s.user_id as author, s.total_reviews as shown, (select count(*)::int from reviews r where r.user_id = s.user_id) as own
       from user_statistics s where s.user_id = (select user_id from reviews group by 1 order by count(*) desc limit 1)`,
    )
    expect(author).toBeTruthy()
    expect(shown).toBe(own)
  })

  test('is not added to when it is large enough', async () => {
    const before = await everything(url)
    expect(await grow(url, { users, reviews })).toEqual({ users: 0, reviews: 0, votes: 0, follows: 0 })
    expect(await grow(url, { users: 10, reviews: 10 })).toEqual({ users: 0, reviews: 0, votes: 0, follows: 0 })
    expect(await everything(url)).toEqual(before)
  })

  test('refuses what does not fit, and changes nothing', async () => {
    await expect(grow(url, { users: users + 50, reviews: 20 * (users + 50) + 1 })).rejects.toThrow(
      '250 generated accounts write at most 5000 reviews of',
    )
    expect(await one(url, `select count(*)::int as n from users where ${isGenerated('id')}`)).toEqual({ n: users })
  })
})

describe('growing', () => {
  test('gives the same community for the same numbers, and another for another seed', async () => {
    const [first, second, other] = await Promise.all([
      cloneDatabase({ seeded: true }),
      cloneDatabase({ seeded: true }),
      cloneDatabase({ seeded: true }),
    ])
    await grow(first, { users: 50, reviews: 300 })
    await grow(second, { users: 50, reviews: 300 })
    await grow(other, { users: 50, reviews: 300, randomSeed: 2 })
    const expected = await everything(first)
    expect(expected).toHaveLength(300)
    expect(await everything(second)).toEqual(expected)
    const texts = new Set(expected.map((row) => row.review.review_text))
    const same = (await everything(other)).filter((row) => texts.has(row.review.review_text))
    expect(same.length).toBeLessThan(15)
  }, 120_000)

  test('adds to what there is without writing twice on one title', async () => {
    const url = await cloneDatabase({ seeded: true })
    await grow(url, { users: 60, reviews: 400 })
    expect(await grow(url, { users: 90, reviews: 900 })).toMatchObject({ users: 30, reviews: 500 })
    expect(await grow(url, { reviews: 1000 })).toMatchObject({ users: 0, reviews: 100 })
    expect(
      await one(url, 'select count(*)::int as reviews, count(distinct (user_id, movie_id))::int as pairs from reviews'),
    ).toEqual({ reviews: 1000, pairs: 1000 })
    expect(await one(url, 'select refresh_review_stats() as stats')).toEqual({ stats: 0 })
  }, 120_000)

  test('needs accounts and titles', async () => {
    const url = await cloneDatabase({ seeded: true })
    await expect(grow(url, { reviews: 10 })).rejects.toThrow('0 generated accounts write at most 0 reviews')
    const empty = await cloneDatabase()
    await expect(grow(empty, { users: 10, reviews: 10 })).rejects.toThrow('of 0 titles that are out')
  })

  test('puts every index and key back when it lifts them for a large load', async () => {
    const url = await cloneDatabase({ seeded: true })
    const before = await schema(url)
    await grow(url, { users: 1000, reviews: 20_000 })
    expect(await schema(url)).toEqual(before)
    expect(before.some((row) => row.convalidated === false)).toBe(false)
    expect(await one(url, 'select refresh_review_stats() as stats, refresh_review_votes() as votes')).toEqual({
      stats: 0,
      votes: 0,
    })
  }, 180_000)

  test('leaves nothing behind when it breaks off', async () => {
    const url = await cloneDatabase({ seeded: true })
    const crash = grow(url, {
      users: 50,
      reviews: 300,
      onRows: (what) => {
        if (what === 'reviews') throw new Error('crash')
      },
    })
    await expect(crash).rejects.toThrow('crash')
    expect(
      await one(
        url,
        'select (select count(*)::int from users) as users, (select count(*)::int from reviews) as reviews',
      ),
    ).toEqual({ users: 0, reviews: 0 })
  })
})

describe('shares', () => {
  test('deal everything out, the first rank with its share', () => {
    const quotas = zipfQuotas(2_000_000, 100_000, 1 / 40)
    expect(quotas.reduce((sum, quota) => sum + quota, 0)).toBe(2_000_000)
    expect(quotas[0]).toBeGreaterThan(49_990)
    expect(quotas[0]).toBeLessThan(50_010)
    expect(quotas[9]! * 2).toBeLessThan(quotas[0]!)
    expect(zipfQuotas(10, 5, 1 / 40).every((quota) => quota === 2)).toBe(true)
    expect([...dealOut(3, Float64Array.of(1, 0, 2))]).toEqual([1, 0, 2])
  })

  test('order by time, however many there are', () => {
    const times = Uint32Array.from({ length: 1000 }, (_, index) => (index * 7919) % 1000)
    expect([...inOrderOf(times)].map((index) => times[index])).toEqual(Array.from({ length: 1000 }, (_, n) => n))
    expect(inOrderOf(new Uint32Array(0))).toHaveLength(0)
  })

  test('find the last free one', () => {
    const taken = new Set([0, 1, 2, 4])
    expect(pickFree(randomFor(1, 1, 1), () => 0, 5, taken)).toBe(3)
    expect(taken.size).toBe(5)
  })

  test('make texts of five languages that differ', () => {
    for (const language of ['en', 'pcm', 'yo', 'ig', 'ha'] as const) {
      const texts = Array.from({ length: 500 }, (_, n) => makeReviewText(randomFor(1, 2, n), language, 1 + (n % 10)))
      expect(new Set(texts).size, language).toBeGreaterThan(490)
      expect(texts.every((text) => text.length >= 10 && text.length <= 5000 && !/[{}]/.test(text))).toBe(true)
    }
  })
})
