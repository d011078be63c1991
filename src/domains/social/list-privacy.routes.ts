import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { addSchemas, problems, refTo } from '../../lib/schemas.ts'
import { changeListPrivacy, openListPrivacy } from './list-privacy.service.ts'
import { ListPrivacy, ListPrivacyPatch, titleListSchemas } from './title-list.schemas.ts'

const tags = ['Social']
const config = { access: 'user' } as const
const cacheControl = 'private, no-store'

/** Who may see one's lists. */
export function listPrivacyRoutes(app: App): void {
  addSchemas(app, titleListSchemas)

  app.get(
    '/users/list-privacy',
    {
      config,
      schema: {
        operationId: 'getListPrivacy',
        tags,
        summary: 'Who may see your lists',
        description: 'Everybody, unless you have said otherwise.',
        response: { 200: refTo(ListPrivacy), ...problems(403) },
      },
    },
    async (request, reply) => {
      const privacy = await openListPrivacy(request.ctx, actorOf(request))
      return reply.header('cache-control', cacheControl).send(privacy)
    },
  )

  app.put(
    '/users/list-privacy',
    {
      config,
      schema: {
        operationId: 'updateListPrivacy',
        tags,
        summary: 'Say who may see your lists',
        description: 'At once and everywhere, in feeds too. What is left out stays.',
        body: ListPrivacyPatch,
        response: { 200: refTo(ListPrivacy), ...problems(400, 403, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const privacy = await changeListPrivacy(request.ctx, actorOf(request), request.body)
      return reply.header('cache-control', cacheControl).send(privacy)
    },
  )
}
