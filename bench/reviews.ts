// Writing, voting on and reading reviews, over HTTP by accounts that are signed in, beside what it can be compared with.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { DB } from '../db/types.ts'
import { isGenerated } from '../scripts/seed/generated-ids.ts'
import type { ReviewSort } from '../src/domains/reviews/review-list.schemas.ts'
import { listReviews } from '../src/domains/reviews/review-walk.queries.ts'
import { startChild } from './children.ts'
import { type Client, openClient } from './client.ts'
import type { ScaledDatabase } from './database.ts'
import type { Plan } from './explain.ts'
import { explainReviews } from './explain-reviews.ts'
import { startApi } from './http.ts'
import { interleaved, type LoadResult, percentile } from './load.ts'
import { endSessions, type Reader, signIn, tokenSigner } from './readers.ts'
import { sqlLoad } from './sql-load.ts'

export interface ReviewsOptions {
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
}

export interface Measured {
  readonly name: string
  readonly connections: number
  readonly result: LoadResult
}

/** The first page of a list, and one behind `depth` reviews. */
export interface Paged {
  readonly name: string
  readonly first: LoadResult
  readonly deep: LoadResult
}

export interface ReviewsBench {
  readonly title: { readonly reviews: number; readonly depth: number }
  readonly writing: readonly Measured[]
  /** How many of the published reviews automatic moderation kept back. */
  readonly pending: number
  readonly voting: readonly Measured[]
  /** How many votes the hot review had before. */
  readonly hotVotes: number
  readonly lists: readonly Paged[]
  readonly bytes: number
  readonly bare: LoadResult
  readonly inside: Paged
  readonly offset: Paged
  readonly plans: ReadonlyMap<string, readonly Plan[]>
}

interface HotTitle {
  readonly id: string
  readonly path: string
  readonly reviews: number
  readonly review: string
  readonly author: string
  readonly votes: number
}

interface Bench {
  readonly pool: pg.Pool
  readonly client: Client
  readonly readers: readonly Reader[]
  readonly sign: (reader: Reader) => string
  readonly hot: HotTitle
  readonly options: ReviewsOptions
}

const signedIn = 20_000
const titlesEach = 4
/** Pages of a list of this size are not kept for anybody, so that every request is answered from the database. */
const pageSize = 21
const sorts: readonly ReviewSort[] = ['newest', 'most_helpful']

async function hotTitle(pool: pg.Pool): Promise<HotTitle> {
  const { rows } = await pool.query<HotTitle & { kind: string }>(
    `select m.id, '/api/v1/' || case m.type when 'movie' then 'movies' else 'series' end || '/' || m.slug || '/reviews' as path,
       r.id as review, r.user_id as author, r.helpful_votes + r.unhelpful_votes as votes,
       (select count(*)::integer from reviews x where x.movie_id = m.id and x.moderation_status = 'approved') as reviews
     from movies m
     cross join lateral (
       select * from reviews r where r.movie_id = m.id and r.user_id is not null order by helpful_votes + unhelpful_votes desc limit 1
     ) r
     where m.id = (select movie_id from movie_stats order by review_count desc limit 1)`,
  )
  return rows[0]!
}

/** Accounts with titles that they have not reviewed, each account several times. */
async function unwritten(pool: pg.Pool, readers: readonly Reader[]) {
  const titles = await pool.query<{ id: string }>(
    'select movie_id as id from movie_stats where review_count between 1 and 200 order by movie_id limit 50000',
  )
  const pairs = Array.from(
    { length: readers.length * titlesEach },
    (_, n) => [readers[n % readers.length]!, titles.rows[(n * 7919) % titles.rows.length]!.id] as const,
  )
  const { rows } = await pool.query<{ n: number }>(
    `select (n - 1)::integer as n from unnest($1::uuid[], $2::uuid[]) with ordinality p (u, t, n)
     where not exists (select from reviews r where r.user_id = u and r.movie_id = t) order by n`,
    [pairs.map(([reader]) => reader.id), pairs.map(([, title]) => title)],
  )
  return rows.map(({ n }) => pairs[n]!)
}

const words =
  'drums dresses music ending brothers market river wedding palace bride laughter silence camera light village harbour sermon dancers thunder letters'.split(
    ' ',
  )
/** Words in another order for each number: automatic moderation would hold nearly the same text again and again. */
const wordsOf = (n: number): string =>
  Array.from({ length: 16 }, (_, index) => words[(n * (index + 3) + index * index + (n >> index)) % words.length]).join(
    ' ',
  )

const reviewOf = (movie: string, n: number) => ({
  movie_id: movie,
  lemon_pie_rating: 4 + (n % 6),
  story_rating: 7,
  review_text: `Film number ${n}: ${wordsOf(n)}, and all the way home.`,
  review_language: 'en',
  nollywood_tags: ['must_watch', 'strong_acting'],
})

const summary = (rate: number, milliseconds: number[]): LoadResult => {
  milliseconds.sort((a, b) => a - b)
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(milliseconds, share)) as [number, number, number]
  return { rate, p50, p95, p99, requests: milliseconds.length, failures: 0 }
}

/** Publishing and reading back, in turns with the bare insert. */
async function measureWriting({ pool, client, readers, sign, options }: Bench) {
  const { connections, seconds, rounds } = options
  const pairs = await unwritten(pool, readers)
  const tokens = new Map(readers.map((reader) => [reader, sign(reader)]))
  const parts = { publish: [] as number[], read: [] as number[] }
  let pending = 0
  let n = 0
  const next = () => {
    const pair = pairs[n++]
    if (!pair) throw new Error('every account has written on all of its titles: give fewer --seconds, or more --users')
    return pair
  }
  const publish = async (): Promise<void> => {
    const [reader, movie] = next()
    const token = tokens.get(reader)!
    const begun = performance.now()
    const answer = await client.ask({ method: 'POST', path: '/api/v1/reviews', token, body: reviewOf(movie, n) })
    const published = performance.now()
    const { id, moderation_status } = JSON.parse(answer.toString()) as { id: string; moderation_status: string }
    if (moderation_status !== 'approved') pending += 1
    await client.ask({ method: 'GET', path: `/api/v1/reviews/${id}`, token })
    parts.publish.push(published - begun)
    parts.read.push(performance.now() - published)
  }
  const insert = async (): Promise<void> => {
    const [{ id }, movie] = next()
    const { lemon_pie_rating, story_rating, review_text, review_language } = reviewOf(movie, n)
    await pool.query(
      `insert into reviews (user_id, movie_id, lemon_pie_rating, story_rating, review_text, review_language)
       values ($1, $2, $3, $4, $5, $6)`,
      [id, movie, lemon_pie_rating, story_rating, review_text, review_language],
    )
  }
  await sqlLoad(publish, connections, 1)
  parts.publish.length = 0
  parts.read.length = 0
  const [both, bare] = (await interleaved(rounds, [
    () => sqlLoad(publish, connections, seconds),
    () => sqlLoad(insert, connections, seconds),
  ])) as [LoadResult, LoadResult]
  const writing: Measured[] = [
    { name: 'publish, then read it back', connections, result: both },
    { name: '… of that, publishing', connections, result: summary(both.rate, parts.publish) },
    { name: '… of that, reading back', connections, result: summary(both.rate, parts.read) },
    { name: '… the insert alone, straight to Postgres', connections, result: bare },
  ]
  return { writing, pending }
}

const manyAtOnce = 64

/** The naive way: all votes are counted whenever there is one more. */
async function recounting(pool: pg.Pool, review: string, voter: string, vote: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(
      `insert into review_votes (review_id, user_id, vote_type, revision) values ($1, $2, $3, 1)
       on conflict (review_id, user_id) do update set vote_type = excluded.vote_type`,
      [review, voter, vote],
    )
    await client.query(
      `update reviews set (helpful_votes, unhelpful_votes, helpful_votes_ever, unhelpful_votes_ever) = (
         select h, u, h, u from (
           select count(*) filter (where vote_type = 'helpful') as h, count(*) filter (where vote_type = 'unhelpful') as u
           from review_votes v where v.review_id = $1) c)
       where id = $1`,
      [review],
    )
    await client.query('commit')
  } finally {
    client.release()
  }
}

/** Many accounts vote on one review, and change their minds when all have. */
async function measureVoting({ pool, client, readers, sign, hot, options }: Bench): Promise<Measured[]> {
  const { connections, seconds, rounds } = options
  const before = await pool.query<{ user_id: string }>('select user_id from review_votes where review_id = $1', [
    hot.review,
  ])
  // Whoever has voted before would not be found as they were by the next run.
  const taken = new Set([hot.author, ...before.rows.map(({ user_id }) => user_id)])
  const voters = readers.filter(({ id }) => !taken.has(id)).map((reader) => ({ id: reader.id, token: sign(reader) }))
  let n = 0
  const next = () => {
    const voter = voters[n % voters.length]!
    const type = Math.floor(n++ / voters.length) % 2 === 0 ? 'helpful' : 'unhelpful'
    return { ...voter, type }
  }
  const vote = async (): Promise<void> => {
    const { token, type } = next()
    const body = { vote_type: type }
    await client.ask({ method: 'POST', path: `/api/v1/reviews/${hot.review}/vote`, token, body })
  }
  await sqlLoad(vote, connections, 1)
  const [few, many] = (await interleaved(rounds, [
    () => sqlLoad(vote, connections, seconds),
    () => sqlLoad(vote, manyAtOnce, seconds),
  ])) as [LoadResult, LoadResult]
  const { rows } = await pool.query<{ wrong: number }>('select refresh_review_votes(array[$1::uuid]) as wrong', [
    hot.review,
  ])
  if (rows[0]!.wrong > 0) throw new Error('the counters of the hot review differ from its votes')
  const naive = await sqlLoad(
    () => {
      const { id, type } = next()
      return recounting(pool, hot.review, id, type)
    },
    connections,
    seconds,
  )
  return [
    { name: 'vote on one review', connections, result: few },
    { name: 'vote on one review', connections: manyAtOnce, result: many },
    { name: '… counting all its votes each time, straight to Postgres', connections, result: naive },
  ]
}

interface Page {
  readonly data: readonly { readonly id: string; readonly created_at: string }[]
  readonly page: { readonly next_cursor: string | null }
}

const walkingSize = 100

/** Cursors behind so many reviews and more, by walking there page by page. */
async function deepCursors(client: Client, listPath: string, depth: number, wanted: number): Promise<string[]> {
  const cursors: string[] = []
  let cursor: string | null = null
  for (let seen = 0; cursors.length < wanted; seen += walkingSize) {
    if (cursor !== null && seen >= depth) cursors.push(cursor)
    const path: string = `${listPath}&limit=${walkingSize}${cursor === null ? '' : `&cursor=${cursor}`}`
    const page = JSON.parse((await client.ask({ method: 'GET', path })).toString()) as Page
    cursor = page.page.next_cursor
    if (cursor === null) break
  }
  if (cursors.length === 0) throw new Error(`${listPath} ends before review ${depth}`)
  return cursors
}

/** First and deep pages by turns, as anybody and signed in, and a bare route that sends as many bytes. */
async function measureLists(bench: Bench, depth: number) {
  const { client, readers, sign, hot, options } = bench
  const { connections, seconds, rounds } = options
  const tokens = readers.slice(0, 500).map(sign)
  const lists: Paged[] = []
  const paths: string[] = []
  const firstPath = `${hot.path}?sort=newest&limit=${pageSize}`
  const answer = await client.ask({ method: 'GET', path: firstPath })
  const bare = await measureBare(answer, options)
  for (const sort of sorts) {
    const list = `${hot.path}?sort=${sort}`
    const first = `${list}&limit=${pageSize}`
    const deep = (await deepCursors(client, list, depth, 50)).map((cursor) => `${first}&cursor=${cursor}`)
    paths.push(first, deep[0]!)
    for (const who of ['anybody', 'signed in'] as const) {
      let n = 0
      const ask = (path: string) =>
        client.ask({ method: 'GET', path, ...(who === 'signed in' && { token: tokens[n % tokens.length]! }) })
      const askFirst = () => ask(first)
      const askDeep = () => ask(deep[n++ % deep.length]!)
      await sqlLoad(askDeep, connections, 1)
      const [ofFirst, ofDeep] = (await interleaved(rounds, [
        () => sqlLoad(askFirst, connections, seconds),
        () => sqlLoad(askDeep, connections, seconds),
      ])) as [LoadResult, LoadResult]
      lists.push({ name: `${sort}, ${who}`, first: ofFirst, deep: ofDeep })
    }
  }
  return { lists, paths, bytes: answer.length, bare }
}

async function measureBare(answer: Buffer, { connections, seconds }: ReviewsOptions): Promise<LoadResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lemonnpie-bench-'))
  const file = path.join(folder, 'answer.json')
  await writeFile(file, answer)
  const bare = await startChild(['bench/bare-server.ts', file], {}, /^http/, path.join(folder, 'bare.log'))
  const client = openClient(bare.line)
  try {
    const ask = () => client.ask({ method: 'GET', path: '/' })
    await sqlLoad(ask, connections, 1)
    return await sqlLoad(ask, connections, seconds)
  } finally {
    client.close()
    await bare.stop()
    await rm(folder, { recursive: true })
  }
}

/** The statement of a page by itself, and the same page by OFFSET. */
async function measureInside({ pool, hot, options }: Bench, depth: number) {
  const { connections, seconds, rounds } = options
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })
  const filters = { title: { id: hot.id } }
  const list = { filters, sort: 'newest', viewer: null, reveal: false, rows: pageSize + 1 } as const
  const ids = `select id, created_at from reviews where movie_id = $1 and moderation_status = 'approved' order by created_at desc, id desc`
  const found = await pool.query<{ id: string; created_at: string }>(
    `select id, created_at::text from (${ids} offset $2 limit 1) r`,
    [hot.id, depth - 1],
  )
  const { id, created_at } = found.rows[0]!
  const byOffset = (offset: number) => () =>
    pool.query(
      `select seen.* from (${ids} offset $2 limit $3) page join reviews_as_seen(null, false) seen on seen.id = page.id
       order by page.created_at desc, page.id desc`,
      [hot.id, offset, pageSize + 1],
    )
  const loads = [
    () => listReviews(db, list),
    () => listReviews(db, { ...list, after: [created_at, id] }),
    byOffset(0),
    byOffset(depth),
  ]
  const results = (await interleaved(
    rounds,
    loads.map((ask) => () => sqlLoad(ask, connections, seconds / 2)),
  )) as [LoadResult, LoadResult, LoadResult, LoadResult]
  return {
    inside: { name: 'by key', first: results[0], deep: results[1] },
    offset: { name: 'by OFFSET', first: results[2], deep: results[3] },
  }
}

/** Takes away what the accounts did, so that the next run finds the same. */
async function tidy(pool: pg.Pool, hot: HotTitle): Promise<void> {
  await pool.query(`delete from reviews where not ${isGenerated('id')} and ${isGenerated('user_id')}`)
  await pool.query(
    `delete from review_votes v using sessions s
     where s.user_agent = 'bench' and v.user_id = s.user_id and v.review_id = $1 and v.created_at > s.created_at`,
    [hot.review],
  )
  await pool.query('select refresh_review_votes(array[$1::uuid])', [hot.review])
  await endSessions(pool)
}

/** @param say told what is being measured */
export async function measureReviews(
  { url }: ScaledDatabase,
  options: ReviewsOptions,
  say: (line: string) => void,
): Promise<ReviewsBench> {
  const pool = new pg.Pool({ connectionString: url, max: options.connections, options: '-c TimeZone=UTC -c jit=off' })
  const hot = await hotTitle(pool)
  const api = await startApi(url, 'bench/results/reviews-api.log')
  const client = openClient(api.origin)
  const signer = await tokenSigner(url)
  try {
    const readers = await signIn(pool, signedIn)
    const bench = { pool, client, readers, sign: signer.sign, hot, options }
    const depth = Math.floor(hot.reviews * 0.8)
    say('  lists')
    const { paths, ...lists } = await measureLists(bench, depth)
    say('  lists inside Postgres')
    const inside = await measureInside(bench, depth)
    say('  publishing')
    const writing = await measureWriting(bench)
    say('  voting')
    const voting = await measureVoting(bench)
    await tidy(pool, hot)
    say('  plans')
    const [reader, movie] = (await unwritten(pool, readers.slice(-1)))[0]!
    const plans = await explainReviews(url, { lists: paths, author: reader.id, movie, review: hot.review })
    return {
      title: { reviews: hot.reviews, depth },
      ...writing,
      voting,
      hotVotes: hot.votes,
      ...lists,
      ...inside,
      plans,
    }
  } finally {
    client.close()
    await signer.close()
    await api.stop()
    await tidy(pool, hot)
    await pool.end()
  }
}
