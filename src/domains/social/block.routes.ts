import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { deleted, problems } from '../../lib/schemas.ts'
import { blockUser, browseBlocks, unblockUser } from './block.service.ts'
import { UserList, UserListQuery, UserParams } from './follow.schemas.ts'

const tags = ['Social']

/** Whom one wants nothing to do with. */
export function blockRoutes(app: App): void {
  const config = { access: 'user' } as const

  app.post(
    '/users/:user_id/block',
    {
      config,
      schema: {
        operationId: 'blockUser',
        tags,
        summary: 'Block somebody',
        description:
          'Neither sees the other any more, and whom you block can’t follow you, vote on or report what you write, or have ' +
          'you notified. Follows between you end. They are not told, and find a 404 where you were.',
        params: UserParams,
        response: { ...deleted, ...problems(403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await blockUser(request.ctx, actorOf(request), request.params.user_id)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/users/:user_id/block',
    {
      config,
      schema: {
        operationId: 'unblockUser',
        tags,
        summary: 'Let somebody off',
        description: 'Follows that the block ended stay ended. Whom you haven’t blocked you go on not blocking.',
        params: UserParams,
        response: { ...deleted, ...problems(403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await unblockUser(request.ctx, actorOf(request), request.params.user_id)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/users/blocks',
    {
      config,
      schema: {
        operationId: 'listBlocks',
        tags,
        summary: 'List whom you have blocked',
        description: 'The latest first; nobody else sees it.',
        querystring: UserListQuery,
        response: { 200: UserList, ...problems(403, 422) },
      },
    },
    async (request, reply) => {
      const page = await browseBlocks(request.ctx, actorOf(request), request.query)
      return reply.header('cache-control', 'private, no-store').send(page)
    },
  )
}
