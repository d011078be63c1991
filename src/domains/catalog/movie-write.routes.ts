import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { deleted, problems, refTo } from '../../lib/schemas.ts'
import { Featured, FeaturedBody } from './featured.schemas.ts'
import { featureMovie, unfeatureMovie } from './featured.service.ts'
import { Movie } from './movie.schemas.ts'
import { MoviePatch, NewMovie } from './movie-input.schemas.ts'
import { idParams, type TitleKind, titleKinds } from './movie-kind.schemas.ts'
import { changeMovie, createMovie, removeMovie } from './movie-write.service.ts'

const config = { access: 'admin' } as const

/** Milliseconds that deleting a title may take: a hundred thousand people may have it on their lists. */
const deletionTimeout = 5 * 60_000

function titleRoutes(app: App, kind: TitleKind): void {
  const { type, path, param, one, many, label } = kind
  const tags = [many]
  const params = idParams(kind)

  app.post(
    path,
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: `create${one}`,
        tags,
        summary: `Add a ${label}`,
        description:
          'With genres, languages, cast and crew in the one body. People are named by id or by name; a new name is a new ' +
          'person. The slug is made of title and year, and is what makes a title a duplicate.',
        body: NewMovie,
        response: { 201: refTo(Movie), ...problems(400, 403, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const movie = await createMovie(request.ctx, actorOf(request), type, request.body)
      return reply.code(201).header('location', `/api/v1${path}/${movie.id}`).send(movie)
    },
  )

  app.put(
    `${path}/:${param}`,
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: `update${one}`,
        tags,
        summary: `Change a ${label}`,
        description:
          'What is left out stays, null clears, a list replaces the whole list. A new title or year brings a new slug; the ' +
          'former one leads to it.',
        params,
        body: MoviePatch,
        response: { 200: refTo(Movie), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => changeMovie(request.ctx, actorOf(request), type, request.params[param]!, request.body),
  )

  app.delete(
    `${path}/:${param}`,
    {
      config,
      handlerTimeout: deletionTimeout,
      schema: {
        operationId: `delete${one}`,
        tags,
        summary: `Delete a ${label}`,
        description: 'Where it was the first part of a story, the next part becomes that.',
        params,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await removeMovie(request.ctx, type, request.params[param]!)
      return reply.code(204).send(null)
    },
  )
}

function featuredRoutes(app: App, kind: TitleKind): void {
  const { type, path, param, one, many, label } = kind
  const tags = [many]
  const params = idParams(kind)

  app.put(
    `${path}/:${param}/featured`,
    {
      config,
      schema: {
        operationId: `feature${one}`,
        tags,
        summary: `Feature a ${label}, or move it in the list`,
        params,
        body: FeaturedBody,
        response: { 200: Featured, ...problems(400, 403, 404, 413, 415, 422) },
      },
    },
    async (request) => featureMovie(request.ctx, type, request.params[param]!, request.body),
  )

  app.delete(
    `${path}/:${param}/featured`,
    {
      config,
      schema: {
        operationId: `unfeature${one}`,
        tags,
        summary: `Feature a ${label} no longer`,
        params,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await unfeatureMovie(request.ctx, type, request.params[param]!)
      return reply.code(204).send(null)
    },
  )
}

/** What admins do with titles, of both types. The schemas that these refer to are added by the routes that read. */
export function movieWriteRoutes(app: App): void {
  for (const kind of titleKinds) {
    titleRoutes(app, kind)
    featuredRoutes(app, kind)
  }
}
