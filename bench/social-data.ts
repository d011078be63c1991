// A community of the seed script, and accounts of the bench's own within it, in a database of its own.
import pg from 'pg'
import { migrateUp } from '../scripts/migrations.ts'
import { growCommunity } from '../scripts/seed/community/community.ts'
import { generateCatalogue } from '../scripts/seed/generator/generate.ts'
import { seedCatalogue } from '../scripts/seed/seed-catalogue.ts'

export interface Crowd {
  readonly url: string
  readonly users: number
  readonly follows: number
  readonly activities: number
  /** E-mail addresses of accounts that follow 2,000 people, the stars among them. */
  readonly readers: readonly string[]
  /** One that half of all accounts follow, and one that nobody does. */
  readonly star: string
  readonly nobody: string
}

export interface CrowdSize {
  readonly users: number
  readonly follows: number
  readonly activities: number
}

/** The password of the bench's own accounts, and its hash at the present cost. */
export const password = 'Suya on Sundays 2026'
const passwordHash = '$2b$12$Mk0O6dG8fd8IS3lN4CFRweqb./IZ7NdN9SMt3FJyYbBP6wku7Z5Bi'

const titles = 20_000
const stars = 5
const readers = 64
const followedByReader = 2_000
/** Which of the titles and accounts of the seed script are drawn the same way every time. */
const randomSeed = 1

const addressOf = (n: number): string => `crowd${n}@example.com`

/** The bench's own accounts count from 1: the stars, then the readers, then the one that nobody follows. */
const nobody = stars + readers + 1

/** What the seed script does not make: the stars and readers, with whom they follow, and the lists. */
const steps = ({ users, activities }: CrowdSize): ReadonlyArray<readonly [what: string, sql: string]> => [
  ['settings', `set lemonnpie.social = 'deferred'; set lemonnpie.review_stats = 'deferred'; select setseed(0.42)`],
  [
    'accounts of the bench',
    `create table bench_titles as
     select row_number() over (order by s.popularity desc, m.id) as n, m.id from movies m join movie_stats s on s.movie_id = m.id;
     create unique index on bench_titles (n);
     -- Shuffled: who acts most is not who is followed most.
     create table bench_users as select row_number() over (order by md5(id::text)) as n, id from users;
     create unique index on bench_users (n);
     insert into users (email, email_key, password_hash, name, is_verified, created_at)
     select 'crowd' || n || '@example.com', 'crowd' || n || '@example.com', '${passwordHash}', 'Crowd ' || n, true, now() - interval '3 years'
     from generate_series(1, ${nobody}) n;
     create table bench_own as select substring(email from '[0-9]+')::integer as n, id from users where email like 'crowd%@example.com'`,
  ],
  [
    'follows of the bench',
    `insert into follows (follower_id, followee_id, created_at)
     select follower, followee, now() - random() * interval '2 years' from (
       select u.id as follower, s.id as followee from bench_users u cross join bench_own s where s.n <= ${stars} and random() < 0.5
       union all
       select r.id, s.id from bench_own r cross join bench_own s
       where r.n > ${stars} and r.n < ${nobody} and s.n <= ${stars}
       union all
       select r.id, u.id from (
         select n as reader, 1 + floor(${users} * random())::integer as n
         from generate_series(${stars + 1}, ${stars + readers}) n cross join generate_series(1, ${followedByReader - stars})
       ) drawn join bench_own r on r.n = drawn.reader join bench_users u on u.n = drawn.n
     ) f
     on conflict do nothing`,
  ],
  [
    'lists',
    `insert into list_titles (user_id, movie_id, list, added_at)
     select coalesce(o.id, u.id), t.id, (array['watchlist', 'favorites', 'watched']::title_list[])[1 + d.kind], now() - d.age * interval '2 years'
     from (
       select 1 + floor(${users} * power(random(), 1.5))::integer as who,
         -- One in 500 is the bench's own, or nobody who is looked at would have done anything.
         case when random() < 0.002 then 1 + floor(${nobody - 1} * random())::integer end as own,
         1 + floor(${titles} * power(random(), 1.5))::integer as what, floor(3 * random())::integer as kind, random() as age
       from generate_series(1, ${Math.round(activities * 0.5)})
     ) d
     join bench_users u on u.n = d.who
     join bench_titles t on t.n = d.what
     left join bench_own o on o.n = d.own
     on conflict do nothing`,
  ],
]

const withDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, statement_timeout: 0 })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

async function make(url: string, size: CrowdSize, say: (line: string) => void): Promise<void> {
  const timed = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const begun = performance.now()
    await act()
    say(`  ${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  }
  await timed('titles', async () => {
    await seedCatalogue(url)
    await generateCatalogue(url, { scale: titles, randomSeed })
  })
  await timed('accounts', () => growCommunity(url, { users: size.users, randomSeed }))
  const own = await withClient(url, async (client) => {
    for (const [what, text] of steps(size)) await timed(what, () => client.query(text))
    return client.query<{ follows: number }>('select count(*)::integer as follows from follows')
  })
  // Its last step counts the bench's own follows and lists along with its own.
  await timed('reviews, follows, counts and activities', () =>
    growCommunity(url, {
      reviews: Math.round(size.activities * 0.1),
      follows: size.follows - own.rows[0]!.follows,
      randomSeed,
      onProgress: (step) => say(`    ${step}`),
    }),
  )
  await withClient(url, async (client) => {
    await timed('vacuum', () => client.query('vacuum analyze'))
    await client.query(`comment on table bench_users is 'complete'`)
  })
}

/** The crowd of this size: kept from the last run, or made. */
export async function crowdOf(serverUrl: string, size: CrowdSize, say: (line: string) => void): Promise<Crowd> {
  const name = `bench_community_${size.users}_${size.follows}_${size.activities}`
  const url = withDatabase(serverUrl, name)
  await withClient(serverUrl, async (admin) => {
    const known = await admin.query('select from pg_database where datname = $1', [name])
    if (known.rowCount === 1 && (await isComplete(url))) return migrateUp(url)
    await admin.query(`drop database if exists ${name} with (force)`)
    await admin.query(`create database ${name}`)
    await migrateUp(url)
    return make(url, size, say)
  })
  const counted = await withClient(url, (client) =>
    client.query<{ users: number; follows: number; activities: number }>(
      `select (select count(*)::integer from users) as users, (select count(*)::integer from follows) as follows,
         (select count(*)::integer from activities) as activities`,
    ),
  )
  return {
    url,
    ...counted.rows[0]!,
    readers: Array.from({ length: 16 }, (_, index) => addressOf(stars + 1 + index)),
    star: addressOf(1),
    nobody: addressOf(nobody),
  }
}

const isComplete = (url: string): Promise<boolean> =>
  withClient(url, async (client) => {
    const found = await client.query(
      `select from pg_class where relname = 'bench_users' and obj_description(oid, 'pg_class') = 'complete'`,
    )
    return found.rowCount === 1
  })
