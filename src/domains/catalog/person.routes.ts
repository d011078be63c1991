import type { App } from '../../http/app-type.ts'
import { forReader } from '../../http/send-body.ts'
import { sendFound } from '../../http/send-found.ts'
import { addSchemas, movedPermanently, notModified, problems, refTo } from '../../lib/schemas.ts'
import { summarySchemas } from './movie-summary.schemas.ts'
import { Person, PersonParams, PersonQuery, personSchemas } from './person.schemas.ts'
import { openPerson } from './person.service.ts'

export function personRoutes(app: App): void {
  addSchemas(app, [...summarySchemas, ...personSchemas])
  app.get(
    '/people/:person_id',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getPerson',
        tags: ['People'],
        summary: 'A person and their filmography',
        description: 'Actors, directors, producers and writers. A former slug answers 308 to the present one.',
        params: PersonParams,
        querystring: PersonQuery,
        response: { 200: refTo(Person), ...notModified, ...movedPermanently, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const { ctx, actor, params, query } = request
      const person = await openPerson(ctx, params.person_id, query, actor?.id)
      return sendFound(request, reply, person, forReader(request, reply, 'public, max-age=60'))
    },
  )
}
