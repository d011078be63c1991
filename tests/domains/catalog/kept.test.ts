import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { forgetCatalogue } from '../../../src/domains/catalog/catalogue.service.ts'
import { openMovie } from '../../../src/domains/catalog/movie.service.ts'
import type { App } from '../../../src/http/app-type.ts'
import { inTx } from '../../../src/infra/tx.ts'
import { actorWith, type TestContext, testApp, testContext } from '../../support/context.ts'
import { cloneDatabase } from '../../support/databases.ts'
import { makePerson, makeTitle } from '../../support/factories.ts'
import { severalProcesses } from '../../support/several-processes.ts'

let ctx: TestContext
let app: App

const send = (method: 'PUT' | 'DELETE', path: string, payload?: Record<string, unknown>) =>
  app.inject({ method, url: `/api/v1${path}`, ...(payload ? { payload } : {}) })
const get = (path: string) => app.inject(`/api/v1${path}`)
const json = async (path: string) => {
  const answer = await get(path)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}
const titles = (list: { data: { title: string }[] }) => list.data.map(({ title }) => title)

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { actor: actorWith('admin') })
  return () => ctx[Symbol.asyncDispose]()
})

describe('what is kept of a title', () => {
  it('under its id is one thing, however the id is written', async () => {
    const { id } = await makeTitle(ctx.db)
    const paths = ['', '/stats', '/similar'].map((rest) => `/movies/${id.toUpperCase()}${rest}`)
    for (const path of paths) expect((await get(path)).statusCode).toBe(200)
    await send('PUT', `/movies/${id}`, { runtime: 77 })
    expect((await json(paths[0]!)).runtime).toBe(77)
    await send('DELETE', `/movies/${id}`)
    for (const path of paths) expect((await get(path)).statusCode, path).toBe(404)
  })

  it('with similar ones embedded goes when one of those does', async () => {
    const shown = await makeTitle(ctx.db, { genres: ['drama'] })
    const gone = await makeTitle(ctx.db, { genres: ['drama'] })
    const path = `/movies/${shown.slug}?include=similar`
    expect(titles((await json(path)).similar)).toContain(gone.title)
    await send('DELETE', `/movies/${gone.id}`)
    expect(titles((await json(path)).similar)).not.toContain(gone.title)
  })

  it('is what the database says, not a replica that lags behind', async () => {
    const lagging = await testContext({ env: { DATABASE_READ_URL: await cloneDatabase() } })
    onTestFinished(() => lagging[Symbol.asyncDispose]())
    const lagged = await testApp(lagging)
    const title = await makeTitle(lagging.db, { genres: ['drama'], actors: ['Fresh Face'] })
    await makeTitle(lagging.db, { genres: ['drama'] })
    await lagging.db.insertInto('movie_former_slugs').values({ slug: 'once', movie_id: title.id }).execute()
    await lagging.db.insertInto('featured_movies').values({ movie_id: title.id, position: 1 }).execute()
    await sql`select refresh_trending()`.execute(lagging.db)
    const ask = (path: string) => lagged.inject(`/api/v1${path}`)
    for (const rest of ['', '/stats', '?include=similar']) {
      expect((await ask(`/movies/${title.slug}${rest}`)).statusCode, rest).toBe(200)
    }
    for (const path of [`/movies/${title.slug}/similar`, '/movies/featured', '/movies/trending']) {
      expect((await ask(path)).json().data.length, path).toBeGreaterThan(0)
    }
    expect((await ask('/people/fresh-face')).json().title_count).toBe(1)
    expect((await ask('/movies/once')).statusCode).toBe(308)
    // What is kept for a minute may be that late.
    expect((await ask('/movies')).json().data).toEqual([])
  })

  it('is forgotten by every process, with all of the catalogue, when told to', async () => {
    const services = await severalProcesses()
    onTestFinished(() => services.stop())
    const [here, there] = [await services.open(), await services.open()]
    const { slug } = await makeTitle(here.db, { title: 'Before' })
    const read = async (from: typeof here): Promise<string> => {
      const found = await openMovie(from, 'movie', slug, 'similar')
      return 'movedTo' in found ? found.movedTo : found.json.toString()
    }
    for (const from of [here, there]) expect(await read(from)).toContain('Before')
    await here.db.updateTable('movies').set({ title: 'After' }).execute()
    for (const from of [here, there]) expect(await read(from)).toContain('Before')
    await forgetCatalogue(here)
    expect(await read(here)).toContain('After')
    await vi.waitFor(async () => expect(await read(there)).toContain('After'), 5_000)
  })
})

describe('a cursor', () => {
  it('of the longest titles is taken back', async () => {
    for (const end of ['a', 'b']) await makeTitle(ctx.db, { title: `${'𠀀'.repeat(499)}${end}`, slug: end })
    const path = '/movies?sort=title&order=desc&limit=1'
    const { next_cursor } = (await json(path)).page
    expect(next_cursor.length).toBeGreaterThan(2000)
    expect(titles(await json(`${path}&cursor=${next_cursor}`))[0]).toMatch(/a$/)
  })

  it('goes on under any name of the person, a former one too', async () => {
    const { id } = await makePerson(ctx.db, 'Renamed Actor')
    for (const release_year of [2001, 2002]) await makeTitle(ctx.db, { release_year, actors: ['Renamed Actor'] })
    const { next_cursor } = (await json('/people/renamed-actor?limit=1')).filmography.page
    await ctx.db.updateTable('people').set({ slug: 'new-actor' }).where('id', '=', id).execute()
    await ctx.db.insertInto('person_former_slugs').values({ slug: 'renamed-actor', person_id: id }).execute()
    await ctx.cache.forgetFamilies('person')
    const moved = await get(`/people/renamed-actor?limit=1&cursor=${next_cursor}`)
    expect(moved.statusCode).toBe(308)
    const names = [
      moved.headers.location!,
      ...[id, id.toUpperCase()].map((name) => `/api/v1/people/${name}?limit=1&cursor=${next_cursor}`),
    ]
    for (const url of names) {
      const { data } = (await app.inject(url)).json().filmography
      expect(
        data.map(({ movie }: { movie: { release_year: number } }) => movie.release_year),
        url,
      ).toEqual([2001])
    }
  })

  it('of a genre that is gone goes on where it was', async () => {
    await ctx.db
      .insertInto('genres')
      .values(['Aaa', 'Bbb', 'Ccc'].map((name) => ({ name, slug: name.toLowerCase() })))
      .execute()
    await ctx.cache.forgetFamilies('genres', 'genre_pages')
    const { next_cursor } = (await json('/genres?limit=2')).page
    await ctx.db.deleteFrom('genres').where('slug', '=', 'bbb').execute()
    await ctx.cache.forgetFamilies('genres', 'genre_pages')
    const rest = await json(`/genres?limit=1&cursor=${next_cursor}`)
    expect(rest.data).toMatchObject([{ slug: 'ccc' }])
  })
})

describe('a featured title', () => {
  it('goes off the front page when its time is up, however long the page is kept', async () => {
    onTestFinished(() => void vi.useRealTimers())
    const [soon, later] = [await makeTitle(ctx.db), await makeTitle(ctx.db)]
    const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
    await send('PUT', `/movies/${soon.id}/featured`, { position: 1, until: inMinutes(5) })
    await send('PUT', `/movies/${later.id}/featured`, { position: 2, until: inMinutes(10) })
    expect(titles(await json('/movies/featured'))).toEqual([soon.title, later.title])
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(inMinutes(6)) })
    expect(titles(await json('/movies/featured'))).toEqual([later.title])
    vi.setSystemTime(new Date(inMinutes(5)))
    expect(titles(await json('/movies/featured'))).toEqual([])
  })

  it('that is deleted meanwhile is a 404', async () => {
    const { id } = await makeTitle(ctx.db)
    const featuring = await inTx(ctx, async (tx) => {
      await tx.db.deleteFrom('movies').where('id', '=', id).execute()
      const answer = send('PUT', `/movies/${id}/featured`, { position: 1 })
      // It waits for what becomes of the title.
      const waiting = sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%upsertFeatured%'`
      while ((await waiting.execute(ctx.db)).rows.length === 0) await wait(20)
      return [answer] as const
    })
    const answer = await featuring[0]
    expect([answer.statusCode, answer.json().error]).toEqual([404, 'not_found'])
  })
})
