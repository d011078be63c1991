import type { App } from '../../http/app-type.ts'
import { sendBody } from '../../http/send-body.ts'
import { addSchemas, notModified, problems, refTo } from '../../lib/schemas.ts'
import { Meta } from './meta.schemas.ts'
import { openMeta } from './meta.service.ts'
import { summarySchemas } from './movie-summary.schemas.ts'

export function metaRoutes(app: App): void {
  addSchemas(app, [...summarySchemas, Meta])
  app.get(
    '/meta',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getMeta',
        tags: ['Meta'],
        summary: 'Every closed list that a client needs',
        response: { 200: refTo(Meta), ...notModified, ...problems(422) },
      },
    },
    async (request, reply) => sendBody(request, reply, await openMeta(request.ctx), 'public, max-age=300'),
  )
}
