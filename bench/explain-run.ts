import type pg from 'pg'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { openContext } from '../src/context.ts'
import type { App } from '../src/http/app-type.ts'
import type { Hot, HotStatement } from '../src/infra/hot.ts'
import type { Actor } from '../src/lib/actor.ts'
import { collectPlans, explainSettings, type Plan } from './explain.ts'

const sorts = ['release_date', 'rating', 'review_count', 'title', 'created_at', 'trending']
const filters = [
  'genre=drama',
  'genre=war',
  'genre=comedy&genre=romance',
  'language=yo',
  'language=idu',
  'year=2019',
  'year_min=2000&year_max=2009',
  'rating_min=7',
  'rating_min=3&rating_max=4',
  'production_state=Lagos',
  'production_state=Bauchi',
  'director=kunle-afolayan',
  'has_reviews=true',
  'has_reviews=false',
  'genre=thriller&language=ig&year_min=2010&production_state=Lagos',
]
const queries = [
  'king of boys',
  'lov',
  'love',
  'oloture',
  'osuofia for london',
  'kingofboys',
  'rattelsnaek ahana',
  'genevieve naji',
  'zzqx vvkj',
]
const starts = ['ki', 'half of a ye', 'teh gr', 'aniku']

/** Paths that between them lead to every statement with which the catalogue and its search are read. */
const readPaths = [
  '/',
  ...sorts.flatMap((sort) => ['asc', 'desc'].map((order) => `/api/v1/movies?sort=${sort}&order=${order}`)),
  ...filters.map((filter) => `/api/v1/movies?${filter}&include_total=true`),
  ...filters.map((filter) => `/api/v1/movies?${filter}&sort=rating`),
  ...filters.map((filter) => `/api/v1/movies?${filter}&sort=title&order=asc`),
  '/api/v1/series?sort=rating',
  '/api/v1/movies/king-of-boys-2018',
  '/api/v1/movies/king-of-boys-2018?include=similar',
  '/api/v1/movies/king-of-boys-2018/stats',
  '/api/v1/movies/king-of-boys-2018/similar',
  '/api/v1/movies/featured',
  ...['day', 'week', 'month'].map((window) => `/api/v1/movies/trending?window=${window}`),
  '/api/v1/people/genevieve-nnaji',
  '/api/v1/genres',
  '/api/v1/languages',
  '/api/v1/meta',
  ...queries.map((query) => `/api/v1/search?q=${encodeURIComponent(query)}`),
  ...queries.map((query) => `/api/v1/movies/search?genre=drama&year_min=2015&q=${encodeURIComponent(query)}`),
  ...starts.map((start) => `/api/v1/movies/suggestions?q=${encodeURIComponent(start)}`),
]

const newTitle = {
  title: 'Bench of the Elders',
  release_year: 2026,
  genres: ['drama'],
  languages: ['yo'],
  cast: [{ name: 'Bench Presser', character: 'Elder' }],
}

/** Hot statements over the pool: of the pipelined connections nobody hears the notices. */
function overPool(pool: pg.Pool): Hot {
  const query = async <Row>({ text }: HotStatement, parameters: readonly unknown[]): Promise<Row[]> =>
    (await pool.query(text, [...parameters])).rows
  return { query, run: (statement, parameters) => query(statement, statement.bind(parameters)), close: async () => {} }
}

export interface Explained {
  readonly ask: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) => Promise<Answer>
  /** Request → the plans of its statements, those inside functions included. */
  readonly byRequest: Map<string, Plan[]>
}
type Answer = Awaited<ReturnType<App['inject']>>

/** The app with nothing cached, for requests whose plans are to be seen, all of them by one actor or by nobody. */
export async function explaining(
  databaseUrl: string,
  actorOf: () => Actor | null,
  work: (explained: Explained) => Promise<void>,
): Promise<Map<string, Plan[]>> {
  const url = new URL(databaseUrl)
  url.searchParams.set('options', `-c TimeZone=UTC -c jit=off ${explainSettings}`)
  const config = loadConfig({ DATABASE_URL: url.href, RATE_LIMIT: 'off', LOG_LEVEL: 'error', DATABASE_POOL_MAX: '1' })
  await using ctx = await openContext(config, 'lemonnpie-bench')
  const plans = collectPlans(ctx.pool)
  const hot = overPool(ctx.pool)
  const app = await buildApp({ ...ctx, hot }, { authenticate: actorOf })
  const byRequest = new Map<string, Plan[]>()
  const ask: Explained['ask'] = async (method, path, payload) => {
    plans.length = 0
    const response = await app.inject({ method, url: path, ...(payload && { payload }) })
    if (response.statusCode >= 400)
      throw new Error(`${method} ${path} answered ${response.statusCode}: ${response.body}`)
    byRequest.set(`${method} ${path.replaceAll(/[0-9a-f-]{36}|(?<=cursor=)[^&]+/g, '…')}`, [...plans])
    return response
  }
  await work({ ask, byRequest })
  await app.close()
  return byRequest
}

/** Asks for everything of the catalogue once, and writes, changes, features and deletes a title. */
export function explainEverything(databaseUrl: string): Promise<Map<string, Plan[]>> {
  const admin = { id: '00000000-0000-7000-8000-000000000000', role: 'admin', isVerified: true } as const
  return explaining(
    databaseUrl,
    () => admin,
    async ({ ask }) => {
      for (const path of readPaths) await ask('GET', path)
      const { id } = (await ask('POST', '/api/v1/movies', newTitle)).json() as { id: string }
      await ask('PUT', `/api/v1/movies/${id}`, { title: 'Bench of the Old' })
      await ask('PUT', `/api/v1/movies/${id}/featured`, { position: 1 })
      await ask('DELETE', `/api/v1/movies/${id}/featured`)
      await ask('DELETE', `/api/v1/movies/${id}`)
    },
  )
}
