import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { optionalBody } from '../../http/optional-body.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { addSchemas, deleted, notModified, problems, refTo } from '../../lib/schemas.ts'
import {
  OwnerParams,
  TitleParams,
  titleListSchemas,
  UnwatchQuery,
  WatchedBody,
  WatchedList,
  WatchedQuery,
  WatchedTitle,
} from './title-list.schemas.ts'
import { browseList, openList, unwatchTitle, watchTitle } from './title-list.service.ts'

const tags = ['Social']
const config = { access: 'user' } as const
const cacheControl = 'private, no-cache'
/** Kept, and asked about each time: what its owner shows no more is gone at once. */
const asEverybodySees = 'public, no-cache'
const whose =
  '404 for an account that is not there for you, 403 `list_private` for a list that its owner does not show you.'

/** What one has watched: a diary. */
export function watchedRoutes(app: App): void {
  addSchemas(app, titleListSchemas)
  app.get(
    '/users/watched',
    {
      config,
      schema: {
        operationId: 'listWatched',
        tags,
        summary: 'What you have watched',
        description: 'Each title once, with the days it was watched on.',
        querystring: WatchedQuery,
        response: { 200: WatchedList, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const owned = { owner: actor.id, list: 'watched' } as const
      const page = await browseList<WatchedTitle>(request.ctx, actor, owned, request.query)
      return reply.header('cache-control', cacheControl).send(page)
    },
  )

  app.get(
    '/users/:user_id/watched',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listUserWatched',
        tags,
        summary: 'What somebody has watched',
        description: whose,
        params: OwnerParams,
        querystring: WatchedQuery,
        response: { 200: WatchedList, ...notModified, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      const { ctx, actor, params, query } = request
      const page = await openList(ctx, actor, { owner: params.user_id, list: 'watched' }, query)
      return sendBody(request, reply, page, forReader(request, reply, asEverybodySees))
    },
  )

  app.post(
    '/users/watched/:movie_id',
    {
      config,
      preValidation: optionalBody,
      schema: {
        operationId: 'addToWatched',
        tags,
        summary: 'Mark a title as watched',
        description:
          'With a day it goes into the diary; another day is a rewatch, the same one changes nothing. It leaves your ' +
          'watchlist. 201 the first time, then 200. Followers hear of a title once, and of rewatches nothing; where a review ' +
          'of yours tells them already, not of the mark. The body may be left out.',
        params: TitleParams,
        body: WatchedBody,
        response: {
          200: refTo(WatchedTitle),
          201: refTo(WatchedTitle),
          ...problems(400, 403, 404, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const { isNew, entry } = await watchTitle(request.ctx, actorOf(request), request.params.movie_id, request.body)
      if (isNew) reply.code(201).header('location', '/api/v1/users/watched')
      return reply.send(entry)
    },
  )

  app.delete(
    '/users/watched/:movie_id',
    {
      config,
      schema: {
        operationId: 'removeFromWatched',
        tags,
        summary: 'Take a title, or one day of it, out of your diary',
        description:
          'What is not there goes on not being there. What you have reviewed you have watched: 409 `title_reviewed`.',
        params: TitleParams,
        querystring: UnwatchQuery,
        response: { ...deleted, ...problems(403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await unwatchTitle(request.ctx, actorOf(request), request.params.movie_id, request.query)
      return reply.code(204).send(null)
    },
  )
}
