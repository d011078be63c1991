import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { addSchemas, deleted, notModified, problems, refTo } from '../../lib/schemas.ts'
import { Follow, followSchemas, UserList, UserListQuery, UserParams } from './follow.schemas.ts'
import { browseFollows, followUser, unfollowUser } from './follow.service.ts'

const tags = ['Social']
const out404 = '404 for an account that does not exist, is suspended, or is out of your sight.'

/** Who follows whom. */
export function followRoutes(app: App): void {
  addSchemas(app, followSchemas)

  app.post(
    '/users/:user_id/follow',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'followUser',
        tags,
        summary: 'Follow somebody',
        description:
          `Again, it changes nothing. ${out404} Oneself is a 409 \`self_follow\`, and somebody beyond the 5,000 whom one ` +
          'may follow a 409 `follow_limit`.',
        params: UserParams,
        response: { 200: refTo(Follow), ...problems(403, 404, 409, 422) },
      },
    },
    async (request) => followUser(request.ctx, actorOf(request), request.params.user_id),
  )

  app.delete(
    '/users/:user_id/follow',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'unfollowUser',
        tags,
        summary: 'Stop following somebody',
        description: `Whom you don’t follow you go on not following. ${out404}`,
        params: UserParams,
        response: { ...deleted, ...problems(403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await unfollowUser(request.ctx, actorOf(request), request.params.user_id)
      return reply.code(204).send(null)
    },
  )

  const lists = [
    ['followers', 'listFollowers', 'List who follows somebody'],
    ['following', 'listFollowing', 'List whom somebody follows'],
  ] as const
  for (const [side, operationId, summary] of lists) {
    app.get(
      `/users/:user_id/${side}`,
      {
        config: { access: 'public' },
        schema: {
          operationId,
          tags,
          summary,
          description: `The latest first. ${out404}`,
          params: UserParams,
          querystring: UserListQuery,
          response: { 200: UserList, ...notModified, ...problems(404, 422) },
        },
      },
      async (request, reply) => {
        const { ctx, actor, params, query } = request
        const page = await browseFollows(ctx, actor, side, params.user_id, query)
        // Kept, and asked about each time: who was suspended or blocked is gone at once.
        return sendBody(request, reply, page, forReader(request, reply, 'public, no-cache'))
      },
    )
  }
}
