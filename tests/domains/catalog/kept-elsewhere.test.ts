import { beforeAll, describe, expect, it } from 'vitest'
import type { Ctx } from '../../../src/context.ts'
import { openMovie } from '../../../src/domains/catalog/movie.service.ts'
import { changeMovie, createMovie, removeMovie } from '../../../src/domains/catalog/movie-write.service.ts'
import { browseTitleReviews } from '../../../src/domains/reviews/review-list.service.ts'
import { refreshTrendingReviews } from '../../../src/domains/reviews/review-stats.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { actorWith, type TestContext, testApp, testContext } from '../../support/context.ts'
import { until } from '../../support/delivery.ts'
import { drain } from '../../support/events.ts'
import { makeTitle } from '../../support/factories.ts'
import { makeReview } from '../../support/review-factory.ts'
import { type Services, severalProcesses } from '../../support/several-processes.ts'

let ctx: TestContext
let app: App
let admin: App
let services: Services
let writer: Ctx
let reader: Ctx
let worker: Ctx

const editor = actorWith('admin')

beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  admin = await testApp(ctx, { actor: editor })
  services = await severalProcesses()
  writer = await services.open()
  reader = await services.open()
  worker = await services.open()
  return async () => {
    await services.stop()
    await ctx[Symbol.asyncDispose]()
  }
})

/** What a process answers: the text, the slug that it leads to, or the status of its refusal. */
async function answerOf(found: Promise<{ json: Buffer } | { movedTo: string }>): Promise<string | number> {
  try {
    const answer = await found
    return 'movedTo' in answer ? answer.movedTo : answer.json.toString()
  } catch (error) {
    if (error instanceof AppError) return error.status
    throw error
  }
}
const titleIn = (from: Ctx, name: string) => answerOf(openMovie(from, 'movie', name))
const reviewsIn = (from: Ctx, name: string) =>
  answerOf(browseTitleReviews(from, null, 'movie', name, { limit: 20, reveal: false, include_total: false }))

describe('a writer that is killed before it could say what it wrote', () => {
  /** It commits, and nothing of what it would have forgotten reaches anybody. */
  const killed = (): Ctx => ({
    ...writer,
    cache: { ...writer.cache, forget: () => Promise.resolve(), forgetFamilies: () => Promise.resolve() },
  })

  it('leaves no process with a title as it was', async () => {
    const { id, slug } = await makeTitle(writer.db, { title: 'Isoken' })
    for (const name of [id, slug]) expect(await titleIn(reader, name)).toContain('Isoken')
    await changeMovie(killed(), editor, { type: 'movie', id }, { title: 'Isoken Again' })
    expect(await titleIn(reader, slug)).toContain('"Isoken"')
    expect(await drain(worker)).toContain('forget-kept-title')
    await until(async () => String(await titleIn(reader, id)).includes('Isoken Again'))
    expect(await titleIn(reader, slug)).toBe('isoken-again-2020')
  })

  it('leaves none with a title that is gone, or with a story that has another part', async () => {
    const first = await makeTitle(writer.db, { title: 'Domitilla' })
    expect(await titleIn(reader, first.slug)).not.toContain('Domitilla 2')
    const part = { title: 'Domitilla 2', release_year: 2021, part_of: first.id, part_number: 2 }
    const second = await createMovie(killed(), editor, 'movie', part)
    await drain(worker)
    await until(async () => String(await titleIn(reader, first.slug)).includes('Domitilla 2'))
    expect(await titleIn(reader, second.slug)).toContain('Domitilla 2')
    await removeMovie(killed(), editor, { type: 'movie', id: second.id })
    await drain(worker)
    await until(async () => (await titleIn(reader, second.slug)) === 404)
    expect(await titleIn(reader, first.slug)).not.toContain('Domitilla 2')
  })

  it('is made up for once, however often the event is delivered', async () => {
    const { id } = await makeTitle(writer.db)
    await changeMovie(killed(), editor, { type: 'movie', id }, { runtime: 90 })
    expect((await drain(worker)).filter((name) => name === 'forget-kept-title')).toHaveLength(1)
    expect(await drain(worker)).toEqual([])
  })
})

describe('the reviews of a title', () => {
  const status = async (path: string) => (await app.inject(`/api/v1${path}`)).statusCode
  const trending = async (): Promise<string[]> => {
    const answer = await app.inject('/api/v1/reviews/trending?limit=100')
    expect(answer.statusCode, answer.body).toBe(200)
    return answer.json().data.map(({ movie }: { movie: { title: string } }) => movie.title)
  }
  const total = async (movieId: string): Promise<number> =>
    (await app.inject(`/api/v1/reviews?movie_id=${movieId}&include_total=true`)).json().page.total

  it('are a 404 as soon as it is deleted, and trend no longer', async () => {
    const { id, slug, title } = await makeTitle(ctx.db, { title: 'Gone Overnight' })
    await makeReview(ctx.db, { movie_id: id })
    await refreshTrendingReviews(ctx)
    const paths = [id, slug].flatMap((name) => [`/movies/${name}/reviews`, `/movies/${name}/reviews?sort=highest`])
    for (const path of paths) expect(await status(path), path).toBe(200)
    expect(await trending()).toContain(title)
    expect(await total(id)).toBe(1)
    expect((await admin.inject({ method: 'DELETE', url: `/api/v1/movies/${id}` })).statusCode).toBe(204)
    for (const path of paths) expect(await status(path), path).toBe(404)
    expect(await trending()).not.toContain(title)
    expect(await total(id)).toBe(0)
  })

  it('are asked for by its new slug as soon as it has one, and are of its new name', async () => {
    const { id, slug, title } = await makeTitle(ctx.db, { title: 'Working Name' })
    await makeReview(ctx.db, { movie_id: id })
    await refreshTrendingReviews(ctx)
    await ctx.cache.forgetFamilies('trending_reviews')
    expect(await status(`/movies/${slug}/reviews`)).toBe(200)
    expect(await trending()).toContain(title)
    const payload = { title: 'Proper Name' }
    expect((await admin.inject({ method: 'PUT', url: `/api/v1/movies/${id}`, payload })).statusCode).toBe(200)
    const moved = await app.inject(`/api/v1/movies/${slug}/reviews`)
    expect([moved.statusCode, moved.headers.location]).toEqual([308, '/api/v1/movies/proper-name-2020/reviews'])
    expect(await trending()).toContain('Proper Name')
    expect(await trending()).not.toContain(title)
  })

  it('are forgotten by the other processes as well', async () => {
    const { id, slug } = await makeTitle(writer.db, { title: 'Everywhere' })
    await makeReview(writer.db, { movie_id: id })
    expect(await reviewsIn(reader, slug)).toContain('"data":[{')
    await changeMovie(writer, editor, { type: 'movie', id }, { title: 'Elsewhere' })
    await until(async () => (await reviewsIn(reader, slug)) === 'elsewhere-2020')
    expect(await reviewsIn(reader, id)).toContain('Elsewhere')
    await removeMovie(writer, editor, { type: 'movie', id })
    await until(async () => (await reviewsIn(reader, id)) === 404)
  })
})
