import type pg from 'pg'
import { readCatalogue, shippedCatalogue } from '../catalogue-file.ts'
import { inSeedTransaction } from '../connection.ts'
import { copyLines } from '../copy.ts'
import { liftIndexes } from '../generator/indexes.ts'
import { realNames } from '../generator/real-names.ts'
import { extentOf } from '../generator/write.ts'
import { SeedError } from '../seed-error.ts'
import { followersSoFar, mostFollows, writeFollows } from './follows.ts'
import { plannedUsers, reviewableTitles, reviewersSoFar, writeReviews } from './load-reviews.ts'
import { opening } from './moments.ts'
import { refreshScores } from './refresh-community.ts'
import { mostReviews, type PlannedUsers, planReviews } from './review-plan.ts'
import { userLines, userTarget } from './users.ts'

export interface CommunityOptions {
  /** How many generated accounts, reviews and follows there are to be in all; what is left out stays as it is. */
  readonly users?: number
  readonly reviews?: number
  readonly follows?: number
  readonly randomSeed: number
  /** Told what is being done. */
  readonly onProgress?: (step: string) => void
  /** Told how many of what have been written, of how many. */
  readonly onRows?: (what: 'users' | 'reviews' | 'follows', done: number, all: number) => void
}

export interface CommunityReport {
  readonly users: number
  readonly reviews: number
  readonly votes: number
  readonly follows: number
}

/** From here on building the indexes anew is the faster way, unless the table holds several times as much already. */
const muchAtLeast = 20_000
const muchShare = 0.25

/** Everything that a step needs to know. */
interface Work {
  readonly client: pg.ClientBase
  readonly options: CommunityOptions
  readonly step: (text: string) => void
  /** Seconds from the opening to the last midnight: nothing is later. */
  readonly today: number
}

const none = async (): Promise<void> => {}

/** Lifts the indexes of tables where much is added. @returns puts back those of some tables */
async function lift({ client, step }: Work, tables: readonly string[], added: number, options = { keepKeys: false }) {
  const counted = await client.query<{ count: string }>(`select count(*) from ${tables[0]}`)
  if (added < muchAtLeast || added < muchShare * Number(counted.rows[0]!.count)) return none
  const lifted = await liftIndexes(client, tables, options)
  return async (which: (table: string) => boolean = () => true): Promise<void> => {
    const wanted = lifted.filter(({ table }) => which(table))
    if (wanted.length > 0) step(`building ${wanted.length} indexes and keys`)
    for (const { restore } of wanted) await client.query(restore)
  }
}

async function addUsers(work: Work): Promise<number> {
  const { client, options, step, today } = work
  const { count, next } = await extentOf(client, 'users', 'user')
  const added = Math.max(0, (options.users ?? 0) - count)
  if (added === 0) return 0
  step('writing accounts')
  const { entries } = await readCatalogue(shippedCatalogue, {})
  const world = { seed: options.randomSeed, real: realNames(entries) }
  const restore = await lift(work, ['users'], added)
  const counted = function* () {
    let done = 0
    for (const line of userLines(world, next, next + added, today)) {
      yield line
      if (++done % 5_000 === 0 && done < added) options.onRows?.('users', done, added)
    }
  }
  await copyLines(client, userTarget, counted())
  options.onRows?.('users', added, added)
  await restore()
  await client.query('analyze users')
  return added
}

const reviewTables = ['reviews', 'review_tags', 'review_votes', 'movie_stats']

/** @throws SeedError when so many reviews don't fit */
async function addReviews(work: Work, users: PlannedUsers): Promise<{ reviews: number; votes: number }> {
  const { client, options, step, today } = work
  const wanted = options.reviews ?? 0
  const { count, next } = await extentOf(client, 'reviews', 'review')
  const added = Math.max(0, wanted - count)
  if (added === 0) return { reviews: 0, votes: 0 }
  const titles = await reviewableTitles(client, today)
  const most = mostReviews(users.ids.length, titles.length)
  if (wanted > most) {
    throw new SeedError(
      `${users.ids.length} generated accounts write at most ${most} reviews of ${titles.length} titles that are out: ` +
        'make more with --users and --scale',
    )
  }
  step('planning reviews')
  const wrote = await reviewersSoFar(client, titles, users)
  const plan = planReviews({ seed: options.randomSeed, titles, users, wrote, existing: count, added, today })
  const restore = await lift(work, reviewTables, added)
  step('writing reviews, tags and votes')
  const world = { seed: options.randomSeed, plan, titles, users, today }
  const votes = await writeReviews(client, world, next, (done) => options.onRows?.('reviews', done, added))
  // The scores change every row of the statistics, so their indexes wait.
  await restore((table) => table !== 'movie_stats')
  step('analysing')
  await client.query(`analyze ${reviewTables.join(', ')}`)
  step('counting scores, popularity and trending')
  const refreshOthers = await refreshScores(client, next)
  await restore((table) => table === 'movie_stats')
  step('indexing for search')
  await refreshOthers()
  return { reviews: added, votes }
}

/** @throws SeedError when so many follows don't fit */
async function addFollows(work: Work, users: PlannedUsers): Promise<number> {
  const { client, options, step, today } = work
  const wanted = options.follows ?? 0
  if (wanted === 0) return 0
  const most = mostFollows(users.ids.length)
  if (wanted > most) {
    throw new SeedError(`${users.ids.length} generated accounts have at most ${most} follows: make more with --users`)
  }
  const follows = await followersSoFar(client, users)
  const existing = [...follows.values()].reduce((sum, followers) => sum + followers.length, 0)
  const added = Math.max(0, wanted - existing)
  if (added === 0) return 0
  step('writing follows')
  const restore = await lift(work, ['follows'], added)
  await writeFollows(client, {
    seed: options.randomSeed,
    users,
    follows,
    existing,
    added,
    today,
    onFollows: (done) => done < added && options.onRows?.('follows', done, added),
  })
  options.onRows?.('follows', added, added)
  await restore()
  await client.query('analyze follows')
  return added
}

async function grow(client: pg.ClientBase, options: CommunityOptions): Promise<CommunityReport> {
  const step = options.onProgress ?? (() => {})
  // Room to sort a whole index, and to join all reviews, in memory; for this transaction only. What triggers would count
  // row by row is counted once, at the end.
  await client.query(`set local maintenance_work_mem = '256MB'; set local work_mem = '128MB';
    set local lemonnpie.review_stats = 'deferred'; set local lemonnpie.social = 'deferred'`)
  const found = await client.query<{ today: number }>(
    'select extract(epoch from date_trunc($1, now()))::double precision as today',
    ['day'],
  )
  const work = { client, options, step, today: found.rows[0]!.today - opening }
  const users = await addUsers(work)
  const accounts = await plannedUsers(client)
  const { reviews, votes } = await addReviews(work, accounts)
  const follows = await addFollows(work, accounts)
  if (users + reviews + follows > 0) await refreshSocial(work, reviews + follows)
  return { users, reviews, votes, follows }
}

const socialTables = ['list_titles', 'activities']

async function refreshSocial(work: Work, added: number): Promise<void> {
  const { client, step } = work
  const restore = await lift(work, socialTables, added, { keepKeys: true })
  step('counting followers, watched titles and activities')
  await client.query('select refresh_social()')
  await restore()
  await client.query(`analyze user_counts, ${socialTables.join(', ')}`)
}

/**
 * Adds believable accounts, reviews with tags and votes, and follows, until there are as many generated ones as asked for,
 * in one transaction. The same numbers in an empty community on the same day are the same community. Loading much locks
 * the tables until it is done.
 * @throws SeedError; errors of Postgres as they are, and nothing was changed
 */
export function growCommunity(databaseUrl: string, options: CommunityOptions): Promise<CommunityReport> {
  return inSeedTransaction(
    databaseUrl,
    (client) => grow(client, options),
    async (client, { users, reviews, follows }) => {
      if (users + reviews + follows === 0) return
      options.onProgress?.('vacuuming')
      await client.query(`vacuum users, user_counts, follows, ${[...socialTables, ...reviewTables].join(', ')}`)
    },
  )
}
