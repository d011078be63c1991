import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import {
  NotificationList,
  NotificationParams,
  NotificationQuery,
  notificationSchemas,
  ReadState,
} from './notification.schemas.ts'
import { readNotifications, removeNotification } from './notification.service.ts'
import { browseNotifications } from './notification-read.service.ts'

const tags = ['Notifications']
const config = { access: 'user' } as const

/** What somebody was told. */
export function notificationRoutes(app: App): void {
  addSchemas(app, notificationSchemas)

  app.get(
    '/notifications',
    {
      config,
      schema: {
        operationId: 'listNotifications',
        tags,
        summary: 'List what you were told',
        description:
          'The latest first. Many of one kind are one (“Ada and 11 others …”), which moves to the top while you have not ' +
          'read it. What was taken back, deleted or is out of your sight is left out; spoilers are masked.',
        querystring: NotificationQuery,
        response: { 200: NotificationList, ...problems(403, 422) },
      },
    },
    async (request, reply) => {
      const page = await browseNotifications(request.ctx, actorOf(request), request.query)
      return reply.header('cache-control', 'private, no-store').send(page)
    },
  )

  app.put(
    '/notifications/:notification_id/read',
    {
      config,
      schema: {
        operationId: 'readNotification',
        tags,
        summary: 'Mark a notification as read',
        description:
          'Again, it changes nothing. A group that was read grows no more: who comes later begins a new one.',
        params: NotificationParams,
        response: { 200: refTo(ReadState), ...problems(403, 404, 422) },
      },
    },
    async (request) => readNotifications(request.ctx, actorOf(request), request.params.notification_id),
  )

  app.put(
    '/notifications/read-all',
    {
      config,
      schema: {
        operationId: 'readAllNotifications',
        tags,
        summary: 'Mark all as read',
        response: { 200: refTo(ReadState), ...problems(403) },
      },
    },
    async (request) => readNotifications(request.ctx, actorOf(request), null),
  )

  app.delete(
    '/notifications/:notification_id',
    {
      config,
      schema: {
        operationId: 'deleteNotification',
        tags,
        summary: 'Take a notification off your list',
        params: NotificationParams,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await removeNotification(request.ctx, actorOf(request), request.params.notification_id)
      return reply.code(204).send(null)
    },
  )
}
