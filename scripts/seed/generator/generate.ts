import type pg from 'pg'
import { readCatalogue, shippedCatalogue } from '../catalogue-file.ts'
import { inSeedTransaction } from '../connection.ts'
import { generatedId } from '../generated-ids.ts'
import { rangeRefresh, rankAnew } from '../refresh.ts'
import { liftIndexes } from './indexes.ts'
import { realNames } from './real-names.ts'
import type { World } from './title.ts'
import { liftTriggers } from './triggers.ts'
import { extentOf, writeCompanies, writeGenresAndLanguages, writePeople, writeTitles } from './write.ts'

export interface GenerateOptions {
  /** How many generated titles there are to be in all. */
  readonly scale: number
  /** Which ones: the same number, the same titles. */
  readonly randomSeed: number
  /** Told what is being done. */
  readonly onProgress?: (step: string) => void
  /** Told how many titles have been written, of how many. */
  readonly onTitles?: (done: number, all: number) => void
}

export interface GenerateReport {
  readonly titles: number
  readonly people: number
}

/** Tables whose indexes are built anew when much is loaded. */
const loadedTables = [
  'movies',
  'movie_stats',
  'movie_aliases',
  'movie_companies',
  'movie_credits',
  'movie_genres',
  'movie_languages',
  'people',
  'person_aliases',
]
/** From here on building the indexes anew is the faster way, unless the tables hold several times as much already. */
const muchAtLeast = 20_000
const muchShare = 0.25

interface Load {
  readonly start: number
  readonly end: number
  readonly much: boolean
}

async function planLoad(client: pg.ClientBase, scale: number): Promise<Load> {
  const { count, next } = await extentOf(client, 'movies', 'title')
  const titles = await client.query<{ count: string }>('select count(*) from movies')
  const added = Math.max(0, scale - count)
  return {
    start: next,
    end: next + added,
    much: added >= muchAtLeast && added >= muchShare * Number(titles.rows[0]!.count),
  }
}

async function load(
  client: pg.ClientBase,
  world: World,
  plan: Load,
  options: GenerateOptions,
): Promise<GenerateReport> {
  const { start, end, much } = plan
  const step = options.onProgress ?? (() => {})
  // Room to sort a whole index, and to join all credits, in memory; for this transaction only.
  await client.query("set local maintenance_work_mem = '256MB'; set local work_mem = '128MB'")
  const lifted = much ? await liftIndexes(client, loadedTables) : []
  const enableTriggers = much ? await liftTriggers(client, loadedTables) : async () => {}
  const restore = async (which: (table: string) => boolean): Promise<void> => {
    const wanted = lifted.filter(({ table }) => which(table))
    for (const [done, { restore }] of wanted.entries()) {
      if (done === 0) step(`building ${wanted.length} indexes and keys`)
      await client.query(restore)
    }
  }
  step('writing people')
  const genreIds = await writeGenresAndLanguages(client)
  await writeCompanies(client, end)
  const people = await writePeople(client, world, end)
  await writeTitles(client, world, { start, end, genreIds, onTitles: (done) => options.onTitles?.(done, end - start) })
  await enableTriggers()
  // The rankings write every row of the statistics, so their indexes wait.
  await restore((table) => table !== 'movie_stats')
  step('analysing')
  await client.query(`analyze ${loadedTables.join(', ')}, companies`)
  step('refreshing short forms, popularity and trending')
  const refresh = await rangeRefresh(client, { from: generatedId('title', start), to: generatedId('title', end - 1) })
  await refresh.summaries()
  await (much ? rankAnew(client) : refresh.rankings())
  await restore((table) => table === 'movie_stats')
  if (much) await client.query('analyze movie_stats')
  step('indexing for search')
  await refresh.search()
  return { titles: end - start, people }
}

/**
 * Adds believable titles with people and credits until there are `scale` of them, in one transaction. Which ones depends on
 * the random seed and their number alone, not on how many runs it took. Loading much locks the tables until it is done.
 * @throws SeedError; errors of Postgres as they are
 */
export async function generateCatalogue(databaseUrl: string, options: GenerateOptions): Promise<GenerateReport> {
  const { entries } = await readCatalogue(shippedCatalogue, {})
  const world = { seed: options.randomSeed, real: realNames(entries) }
  return inSeedTransaction(
    databaseUrl,
    async (client) => {
      const plan = await planLoad(client, options.scale)
      return plan.end > plan.start ? load(client, world, plan, options) : { titles: 0, people: 0 }
    },
    async (client, { titles }) => {
      // Clears away what the rankings left, so that the first queries are as fast as the later ones.
      if (titles > 0) options.onProgress?.('vacuuming')
      if (titles > 0) await client.query(`vacuum ${loadedTables.join(', ')}`)
    },
  )
}
