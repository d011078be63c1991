import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import {
  NewPushSubscription,
  PushKey,
  PushSubscription,
  PushSubscriptionList,
  pushSchemas,
  SubscriptionParams,
} from './push-subscription.schemas.ts'
import { browseSubscriptions, endSubscription, pushKey, subscribe } from './push-subscription.service.ts'

const tags = ['Notifications']
const config = { access: 'user' } as const

/** The browsers that people are told on. */
export function pushSubscriptionRoutes(app: App): void {
  addSchemas(app, pushSchemas)

  app.get(
    '/notifications/push-key',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getPushKey',
        tags,
        summary: 'The key that browsers subscribe with',
        description: '404 where Web Push is not set up.',
        response: { 200: refTo(PushKey), ...problems(404) },
      },
    },
    async (request, reply) => reply.header('cache-control', 'no-cache').send(pushKey(request.ctx)),
  )

  app.get(
    '/users/push-subscriptions',
    {
      config,
      schema: {
        operationId: 'listPushSubscriptions',
        tags,
        summary: 'List the browsers that you are told on',
        response: { 200: PushSubscriptionList, ...problems(403) },
      },
    },
    async (request, reply) =>
      reply.header('cache-control', 'private, no-store').send(await browseSubscriptions(request.ctx, actorOf(request))),
  )

  app.post(
    '/users/push-subscriptions',
    {
      config,
      schema: {
        operationId: 'addPushSubscription',
        tags,
        summary: 'Be told on this browser',
        description:
          'What `PushSubscription.toJSON()` gives. A browser that subscribes again is one still (200), and belongs to who ' +
          'subscribed with it last. Of more than ten the oldest go. It is told until its session ends.',
        body: NewPushSubscription,
        response: {
          200: refTo(PushSubscription),
          201: refTo(PushSubscription),
          ...problems(400, 403, 404, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const { isNew, subscription } = await subscribe(request.ctx, actorOf(request), request.body)
      if (isNew) reply.code(201).header('location', '/api/v1/users/push-subscriptions')
      return reply.send(subscription)
    },
  )

  app.delete(
    '/users/push-subscriptions/:subscription_id',
    {
      config,
      schema: {
        operationId: 'deletePushSubscription',
        tags,
        summary: 'Be told on a browser no longer',
        params: SubscriptionParams,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await endSubscription(request.ctx, actorOf(request), request.params.subscription_id)
      return reply.code(204).send(null)
    },
  )
}
