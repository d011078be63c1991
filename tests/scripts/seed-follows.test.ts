import { beforeAll, describe, expect, test } from 'vitest'
import { growCommunity } from '../../scripts/seed/community/community.ts'
import { cloneDatabase, withClient } from '../support/databases.ts'

const rows = (url: string, sql: string) => withClient(url, async (client) => (await client.query(sql)).rows)
const one = async (url: string, sql: string) => (await rows(url, sql))[0]

describe('generated follows', () => {
  const users = 200
  const follows = 3000
  let url: string
  beforeAll(async () => {
    url = await cloneDatabase({ seeded: true })
    const made = await growCommunity(url, { users, reviews: 500, follows, randomSeed: 1 })
    expect(made).toMatchObject({ users, reviews: 500, follows })
  })

  test('are as many as asked for, most of a few accounts, after both have joined', async () => {
    const counts = (await rows(url, 'select count(*)::int as n from follows group by followee_id order by n desc')).map(
      ({ n }) => n as number,
    )
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(follows)
    expect(counts[0]).toBeGreaterThanOrEqual(follows / 50 - 1)
    expect(counts[0]).toBeGreaterThan(3 * counts[100]!)
    expect(
      await one(
        url,
        `select count(*)::int as wrong from follows f join users a on a.id = f.follower_id join users b on b.id = f.followee_id
         where f.created_at < greatest(a.created_at, b.created_at) or f.created_at > now() or a.id = b.id`,
      ),
    ).toEqual({ wrong: 0 })
  })

  test('come in bouts, at any time, so that some of them are told as one', async () => {
    const { acts, most, lastly } = (await one(
      url,
      `select count(*)::int as acts, max(act_count) as most,
         count(*) filter (where created_at > (select max(created_at) - interval '1 hour' from activities)) as lastly
       from activities where type = 'followed'`,
    )) as Record<string, number>
    expect(acts).toBeLessThan(0.9 * follows)
    expect(most).toBeGreaterThan(3)
    expect(Number(lastly)).toBeLessThan(acts! / 50)
  })

  test('are counted, and told to followers, as a recomputation does', async () => {
    expect(await one(url, 'select refresh_user_counts() as wrong')).toEqual({ wrong: 0 })
    expect(
      await one(
        url,
        `select (select sum(followers_count)::int from user_counts) as followers, (select sum(following_count)::int from user_counts) as following,
           (select sum(act_count)::int from activities where type = 'followed') as told,
           (select count(*)::int from activities where type = 'reviewed') as reviewed,
           (select count(*)::int from list_titles where list = 'watched' and by_review) as watched`,
      ),
    ).toEqual({ followers: follows, following: follows, told: follows, reviewed: 500, watched: 500 })
  })

  test('grow, none of them twice', async () => {
    expect(await growCommunity(url, { follows: follows + 500, randomSeed: 1 })).toMatchObject({
      users: 0,
      follows: 500,
    })
    expect(await growCommunity(url, { follows, randomSeed: 1 })).toMatchObject({ follows: 0 })
    expect(await one(url, 'select count(*)::int as n from follows')).toEqual({ n: follows + 500 })
    expect(await one(url, 'select refresh_user_counts() as wrong')).toEqual({ wrong: 0 })
  })

  test('are refused where they don’t fit', async () => {
    const more = growCommunity(url, { follows: 25 * users + 1, randomSeed: 1 })
    await expect(more).rejects.toThrow(`${users} generated accounts have at most ${25 * users} follows`)
  })
})
