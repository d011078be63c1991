import type { App } from '../../http/app-type.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { sendFound } from '../../http/send-found.ts'
import { withVersion } from '../../http/version-tag.ts'
import { addSchemas, movedPermanently, notModified, problems, refTo } from '../../lib/schemas.ts'
import { browseFeatured } from './featured.service.ts'
import { exampleMovieOf, Movie, MovieQuery, MovieStats, movieSchemas } from './movie.schemas.ts'
import { openMovie, openMovieStats } from './movie.service.ts'
import { nameParams, type TitleKind, titleKinds } from './movie-kind.schemas.ts'
import { LimitQuery, MovieList, MovieListQuery, movieListOf, PagedQuery } from './movie-list.schemas.ts'
import { browseMovies } from './movie-list.service.ts'
import { summarySchemas } from './movie-summary.schemas.ts'
import { browseSimilar } from './similar.service.ts'
import { TrendingQuery } from './trending.schemas.ts'
import { browseTrending } from './trending.service.ts'

const config = { access: 'public' } as const
const found = { ...notModified, ...movedPermanently, ...problems(404, 422) }

/** How long browsers and shared caches may keep an answer, which is also how late they may be. */
const briefly = 'public, max-age=30, stale-while-revalidate=60'
const forAMinute = 'public, max-age=60, stale-while-revalidate=300'

/** Lists of titles of one type that everybody may read. */
function listRoutes(app: App, { type, path, many, labels }: TitleKind): void {
  const tags = [many]
  const listed = { 200: movieListOf(type), ...notModified, ...problems(422) }

  app.get(
    path,
    {
      config,
      schema: {
        operationId: `list${many}`,
        tags,
        summary: `List ${labels} by any filter, in any order`,
        querystring: MovieListQuery,
        response: listed,
      },
    },
    async (request, reply) => {
      const page = await browseMovies(request.ctx, type, request.query, request.actor?.id)
      return sendBody(request, reply, page, forReader(request, reply, briefly))
    },
  )

  app.get(
    `${path}/featured`,
    {
      config,
      schema: {
        operationId: `listFeatured${many}`,
        tags,
        summary: `List the ${labels} that editors feature`,
        description: 'In the order of the editors.',
        querystring: PagedQuery,
        response: listed,
      },
    },
    async (request, reply) => {
      const page = await browseFeatured(request.ctx, type, request.query, request.actor?.id)
      return sendBody(request, reply, page, forReader(request, reply, forAMinute))
    },
  )

  app.get(
    `${path}/trending`,
    {
      config,
      schema: {
        operationId: `listTrending${many}`,
        tags,
        summary: `List the ${labels} of the moment`,
        description:
          'The hottest first, of which there are some 500. Scores cool: a page that is asked for a quarter of an hour after ' +
          'the one before it may repeat a title.',
        querystring: TrendingQuery,
        response: listed,
      },
    },
    async (request, reply) => {
      const page = await browseTrending(request.ctx, type, request.query, request.actor?.id)
      return sendBody(request, reply, page, forReader(request, reply, forAMinute))
    },
  )
}

/** What everybody may read of one title. */
function detailRoutes(app: App, kind: TitleKind): void {
  const { type, path, param, one, many, label } = kind
  const tags = [many]
  const params = nameParams(kind)

  app.get(
    `${path}/:${param}`,
    {
      config,
      schema: {
        operationId: `get${one}`,
        tags,
        summary: `Get one ${label} in full`,
        description: 'By id or slug; a former slug answers 308 to the present one. A title of the other type is a 404.',
        params,
        querystring: MovieQuery,
        'x-answer-example': exampleMovieOf(type),
        response: { 200: refTo(Movie), ...found },
      },
    },
    async (request, reply) => {
      const { ctx, params: names, query, actor } = request
      const movie = await openMovie(ctx, type, names[param]!, query.include, actor?.id)
      return sendFound(request, reply, withVersion(movie), forReader(request, reply, forAMinute))
    },
  )

  app.get(
    `${path}/:${param}/stats`,
    {
      config,
      schema: {
        operationId: `get${one}Stats`,
        tags,
        summary: `Get the ratings of one ${label}`,
        params,
        response: { 200: refTo(MovieStats), ...found },
      },
    },
    async (request, reply) =>
      sendFound(request, reply, await openMovieStats(request.ctx, type, request.params[param]!), forAMinute),
  )

  app.get(
    `${path}/:${param}/similar`,
    {
      config,
      schema: {
        operationId: `listSimilar${many}`,
        tags,
        summary: `List titles like one ${label}`,
        description:
          'Of both types: first its own story, then by people, genres and languages shared. The most alike `limit`, and no ' +
          'page after them: `next_cursor` is always null, for what follows is less and less like it.',
        params,
        querystring: LimitQuery,
        response: { 200: MovieList, ...found },
      },
    },
    async (request, reply) => {
      const { ctx, params: names, query, actor } = request
      const page = await browseSimilar(ctx, type, names[param]!, query.limit, actor?.id)
      return sendFound(request, reply, page, forReader(request, reply, forAMinute))
    },
  )
}

/** What everybody may read of titles, of both types. */
export function movieRoutes(app: App): void {
  addSchemas(app, [...summarySchemas, ...movieSchemas])
  for (const kind of titleKinds) {
    listRoutes(app, kind)
    detailRoutes(app, kind)
  }
}
