import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { IdempotencyHeaders, markReplayed, onceKeyOf } from '../../http/idempotency.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import { Announcement, AnnouncementParams, announcementSchemas, NewAnnouncement } from './announcement.schemas.ts'
import { announceToAll, callAnnouncementOff, getAnnouncement } from './announcement.service.ts'

const tags = ['Notifications']

/** What operators tell everybody. */
export function announcementRoutes(app: App): void {
  addSchemas(app, announcementSchemas)

  app.post(
    '/admin/notifications',
    {
      config: { access: 'admin' },
      preValidation: tidyBody,
      schema: {
        operationId: 'createAnnouncement',
        tags,
        summary: 'Tell everybody something, or some',
        description:
          'Each gets a notification of type `system`. It goes on after the answer: ask how far it is. Double-clicks are safe ' +
          'with an `Idempotency-Key`.',
        headers: IdempotencyHeaders,
        body: NewAnnouncement,
        response: { 201: refTo(Announcement), ...problems(400, 403, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const once = await announceToAll(request.ctx, actorOf(request), request.body, onceKeyOf(request))
      const { answer, replayed } = once
      markReplayed(reply, replayed).code(201).header('location', `/api/v1/admin/notifications/${answer.id}`)
      return reply.send(answer)
    },
  )

  app.get(
    '/admin/notifications/:announcement_id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'getAnnouncement',
        tags,
        summary: 'An announcement, and how many have been told',
        params: AnnouncementParams,
        response: { 200: refTo(Announcement), ...problems(403, 404, 422) },
      },
    },
    async (request, reply) =>
      reply
        .header('cache-control', 'private, no-store')
        .send(await getAnnouncement(request.ctx, request.params.announcement_id)),
  )

  app.delete(
    '/admin/notifications/:announcement_id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'callAnnouncementOff',
        tags,
        summary: 'Call an announcement off',
        description:
          'Nobody is told of it any more, and it is on nobody’s list from now on. Mails that were sent stay sent.',
        params: AnnouncementParams,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await callAnnouncementOff(request.ctx, actorOf(request), request.params.announcement_id)
      return reply.code(204).send(null)
    },
  )
}
