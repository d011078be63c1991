import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { optionalBody } from '../../http/optional-body.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import {
  NotificationPreferences,
  PreferencesPatch,
  preferenceSchemas,
  UnsubscribeBody,
  UnsubscribeQuery,
} from './preference.schemas.ts'
import { changePreferences, getPreferences } from './preference.service.ts'
import { unsubscribe } from './unsubscribe.service.ts'

const tags = ['Notifications']
const config = { access: 'user' } as const

/** How people want to be told. */
export function preferenceRoutes(app: App): void {
  addSchemas(app, preferenceSchemas)

  app.get(
    '/users/notification-preferences',
    {
      config,
      schema: {
        operationId: 'getNotificationPreferences',
        tags,
        summary: 'How you are told of what, by type and channel',
        response: { 200: refTo(NotificationPreferences), ...problems(403) },
      },
    },
    async (request, reply) =>
      reply.header('cache-control', 'private, no-store').send(await getPreferences(request.ctx, actorOf(request))),
  )

  app.put(
    '/users/notification-preferences',
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: 'changeNotificationPreferences',
        tags,
        summary: 'Say how you want to be told',
        description: 'What is left out stays. It holds for what happens from now on; `system` stays on your list.',
        body: PreferencesPatch,
        response: { 200: refTo(NotificationPreferences), ...problems(400, 403, 413, 415, 422) },
      },
    },
    async (request) => changePreferences(request.ctx, actorOf(request), request.body),
  )
}

/** The links in mails that end them. Apart, since mail programs send a form. */
export function unsubscribeRoutes(app: App): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 1_024 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  // What RFC 8058 prefers. There is nothing in it that the link does not say.
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer', bodyLimit: 1_024 }, (_request, _body, done) =>
    done(null, {}),
  )
  app.post(
    '/notifications/unsubscribe',
    {
      config: { access: 'public' },
      preValidation: optionalBody,
      schema: {
        operationId: 'unsubscribeFromMails',
        tags,
        summary: 'End mails by the link in one of them',
        description:
          'Without signing in: the secret of the link says whose mails, and of which type. Mail programs do so with one ' +
          'click (RFC 8058), sending a form. Again, it changes nothing.',
        querystring: UnsubscribeQuery,
        body: UnsubscribeBody,
        response: { ...deleted, ...problems(400, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      await unsubscribe(request.ctx, request.query.token ?? request.body.token)
      return reply.code(204).send(null)
    },
  )
}
