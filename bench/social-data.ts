// A crowd that follows by Zipf's rule, and what it did: made by SQL alone, in a database of its own.
import pg from 'pg'
import { migrateUp } from '../scripts/migrations.ts'

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

/** The password of every account, and its hash at the present cost. */
export const password = 'Suya on Sundays 2026'
const passwordHash = '$2b$12$Mk0O6dG8fd8IS3lN4CFRweqb./IZ7NdN9SMt3FJyYbBP6wku7Z5Bi'

const titles = 20_000
const stars = 5
const readers = 64
const followedByReader = 2_000

const addressOf = (n: number): string => `crowd${n}@example.com`

/** `n` counts the accounts from 1: the stars, then the readers, then the crowd; the last one follows and is followed by none. */
const steps = (
  users: number,
  follows: number,
  activities: number,
): ReadonlyArray<readonly [what: string, sql: string]> => [
  ['settings', `set lemonnpie.social = 'deferred'; set lemonnpie.review_stats = 'deferred'; select setseed(0.42)`],
  [
    'titles',
    `insert into languages (code, name) values ('en', 'English'), ('yo', 'Yoruba') on conflict do nothing;
     insert into genres (slug, name) values ('drama', 'Drama'), ('crime', 'Crime') on conflict do nothing;
     insert into movies (type, slug, title, release_precision, release_year)
     select 'movie', 'bench-' || n, 'Bench ' || n, 'year', 1990 + n % 35 from generate_series(1, ${titles}) n;
     insert into movie_genres select m.id, g.id from movies m cross join genres g;
     insert into movie_languages select m.id, 'yo' from movies m;
     insert into people (slug, name) select 'director-' || n, 'Director ' || n from generate_series(1, 500) n;
     insert into movie_credits (movie_id, person_id, role, billing_order)
     select m.id, p.id, 'director', 0
     from (select id, row_number() over () % 500 as n from movies) m
     join (select id, row_number() over () % 500 as n from people) p using (n);
     create table bench_titles as select row_number() over () as n, id from movies;
     create unique index on bench_titles (n)`,
  ],
  [
    'accounts',
    `insert into users (email, email_key, password_hash, name, is_verified, created_at)
     select 'crowd' || n || '@example.com', 'crowd' || n || '@example.com', '${passwordHash}', 'Crowd ' || n, true, now() - interval '3 years'
     from generate_series(1, ${users}) n;
     create table bench_users as select substring(email from '[0-9]+')::integer as n, id from users;
     create unique index on bench_users (n)`,
  ],
  [
    'follows',
    `insert into follows (follower_id, followee_id, created_at)
     -- People follow in bouts: five hours each.
     select a.id, b.id, now() - abs(hashint4(a.n * 5 + floor(5 * random())::integer)) / 2147483648.0 * interval '2 years'
     from (
       select distinct follower, followee from (
         -- Half of everybody follows each star.
         select u as follower, s as followee from generate_series(${stars + 1}, ${users - 1}) u cross join generate_series(1, ${stars}) s
         where random() < 0.5 or u <= ${stars + readers}
         union all
         select r, ${stars + readers} + 1 + floor(random() * ${users - stars - readers - 1})::integer
         from generate_series(${stars + 1}, ${stars + readers}) r cross join generate_series(1, ${followedByReader - stars})
         union all
         select ${stars} + 1 + floor(random() * ${users - stars - 1})::integer,
           ${stars} + 1 + floor(${users - stars - 1} * power(random(), 3))::integer
         from generate_series(1, ${Math.max(0, follows - (stars * users) / 2 - readers * followedByReader)})
       ) drawn
       where follower <> followee and followee < ${users} and follower < ${users}
     ) e
     join bench_users a on a.n = e.follower
     join bench_users b on b.n = e.followee
     on conflict do nothing`,
  ],
  [
    'lists',
    `insert into list_titles (user_id, movie_id, list, added_at)
     select u.id, t.id, (array['watchlist', 'favorites', 'watched']::title_list[])[1 + d.kind], now() - d.age * interval '2 years'
     from (
       select 1 + floor(${users - 1} * power(random(), 1.5))::integer as who, 1 + floor(${titles} * random())::integer as what,
         floor(3 * random())::integer as kind, random() as age
       from generate_series(1, ${Math.round(activities * 0.8)})
     ) d
     join bench_users u on u.n = d.who
     join bench_titles t on t.n = d.what
     on conflict do nothing`,
  ],
  [
    'reviews',
    `insert into reviews (user_id, movie_id, lemon_pie_rating, review_text, review_language, created_at, updated_at)
     select u.id, t.id, 1 + floor(10 * random())::integer, 'A film of Surulere that nobody forgets, number ' || d.n, 'en', d.at, d.at
     from (
       select n, 1 + floor(${users - 1} * power(random(), 1.5))::integer as who, 1 + floor(${titles} * random())::integer as what,
         now() - random() * interval '2 years' as at
       from generate_series(1, ${Math.round(activities * 0.1)}) n
     ) d
     join bench_users u on u.n = d.who
     join bench_titles t on t.n = d.what
     on conflict do nothing`,
  ],
  ['statistics', 'analyze'],
  ['scores', 'select refresh_review_stats()'],
  ['counts and activities', 'select refresh_social()'],
  ['vacuum', 'vacuum analyze'],
]

const withDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href

async function make(url: string, users: number, follows: number, activities: number, say: (line: string) => void) {
  const client = new pg.Client({ connectionString: url, statement_timeout: 0 })
  await client.connect()
  try {
    for (const [what, text] of steps(users, follows, activities)) {
      const begun = performance.now()
      await client.query(text)
      say(`  ${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`)
    }
    await client.query(`comment on table bench_users is 'complete'`)
  } finally {
    await client.end()
  }
}

/** The crowd of this size: kept from the last run, or made. */
export async function crowdOf(
  serverUrl: string,
  { users, follows, activities }: { readonly users: number; readonly follows: number; readonly activities: number },
  say: (line: string) => void,
): Promise<Crowd> {
  const name = `bench_social_${users}_${follows}_${activities}`
  const url = withDatabase(serverUrl, name)
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  try {
    const known = await admin.query('select from pg_database where datname = $1', [name])
    const complete = known.rowCount === 0 ? false : await isComplete(url)
    if (!complete) {
      await admin.query(`drop database if exists ${name} with (force)`)
      await admin.query(`create database ${name}`)
      await migrateUp(url)
      await make(url, users, follows, activities, say)
    }
    await migrateUp(url)
  } finally {
    await admin.end()
  }
  const { rows } = await one(
    url,
    'select (select count(*)::integer from follows) as follows, (select count(*)::integer from activities) as activities',
  )
  return {
    url,
    users,
    ...(rows[0] as { follows: number; activities: number }),
    readers: Array.from({ length: 16 }, (_, index) => addressOf(stars + 1 + index)),
    star: addressOf(1),
    nobody: addressOf(users),
  }
}

async function one(url: string, text: string) {
  const client = new pg.Client({ connectionString: url, statement_timeout: 0 })
  await client.connect()
  try {
    return await client.query(text)
  } finally {
    await client.end()
  }
}

const isComplete = async (url: string): Promise<boolean> =>
  (
    await one(
      url,
      `select from pg_class where relname = 'bench_users' and obj_description(oid, 'pg_class') = 'complete'`,
    )
  ).rowCount === 1
