import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { addSchemas, deleted, notModified, problems, refTo } from '../../lib/schemas.ts'
import { ListedTitle, ListQuery, OwnerParams, TitleList, TitleParams, titleListSchemas } from './title-list.schemas.ts'
import { addTitle, browseList, openList, removeTitle } from './title-list.service.ts'

const tags = ['Social']
const config = { access: 'user' } as const
const cacheControl = 'private, no-cache'
/** Kept, and asked about each time: what its owner shows no more is gone at once. */
const asEverybodySees = 'public, no-cache'
const whose =
  '404 for an account that is not there for you, 403 `list_private` for a list that its owner does not show you.'

const simpleLists = [
  { list: 'watchlist', label: 'watchlist', Name: 'Watchlist', to: 'ToWatchlist', from: 'FromWatchlist' },
  { list: 'favorites', label: 'favorites', Name: 'Favorites', to: 'ToFavorites', from: 'FromFavorites' },
] as const

/** What one means to watch, and what one loves best. */
function simpleRoutes(app: App, { list, label, Name, to, from }: (typeof simpleLists)[number]): void {
  app.get(
    `/users/${list}`,
    {
      config,
      schema: {
        operationId: `list${Name}`,
        tags,
        summary: `Your ${label}`,
        querystring: ListQuery,
        response: { 200: TitleList, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const page = await browseList<ListedTitle>(request.ctx, actor, { owner: actor.id, list }, request.query)
      return reply.header('cache-control', cacheControl).send(page)
    },
  )

  app.get(
    `/users/:user_id/${list}`,
    {
      config: { access: 'public' },
      schema: {
        operationId: `listUser${Name}`,
        tags,
        summary: `Somebody’s ${label}`,
        description: whose,
        params: OwnerParams,
        querystring: ListQuery,
        response: { 200: TitleList, ...notModified, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      const { ctx, actor, params, query } = request
      const page = await openList(ctx, actor, { owner: params.user_id, list }, query)
      return sendBody(request, reply, page, forReader(request, reply, asEverybodySees))
    },
  )

  app.post(
    `/users/${list}/:movie_id`,
    {
      config,
      schema: {
        operationId: `add${to}`,
        tags,
        summary: `Put a title on your ${label}`,
        description: 'A film or a series. 201 the first time; again, it changes nothing and is a 200.',
        params: TitleParams,
        response: { 200: refTo(ListedTitle), 201: refTo(ListedTitle), ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      const { isNew, entry } = await addTitle(request.ctx, actorOf(request), list, request.params.movie_id)
      if (isNew) reply.code(201).header('location', `/api/v1/users/${list}`)
      return reply.send(entry)
    },
  )

  app.delete(
    `/users/${list}/:movie_id`,
    {
      config,
      schema: {
        operationId: `remove${from}`,
        tags,
        summary: `Take a title off your ${label}`,
        description: 'What is not there goes on not being there.',
        params: TitleParams,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await removeTitle(request.ctx, actorOf(request), list, request.params.movie_id)
      return reply.code(204).send(null)
    },
  )
}

/** The lists of titles that a viewer keeps, but for the diary. */
export function titleListRoutes(app: App): void {
  addSchemas(app, titleListSchemas)
  for (const simple of simpleLists) simpleRoutes(app, simple)
}
