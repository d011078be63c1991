import type { App } from '../../http/app-type.ts'
import { sendBody } from '../../http/send-body.ts'
import { addSchemas, notModified, problems } from '../../lib/schemas.ts'
import { GenreList, genreSchemas, LanguageList, WholeListQuery } from './genre.schemas.ts'
import { browseGenres, browseLanguages } from './genre.service.ts'

export function genreRoutes(app: App): void {
  addSchemas(app, genreSchemas)
  app.get(
    '/genres',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listGenres',
        tags: ['Genres and languages'],
        summary: 'Genres with their counts, by name',
        querystring: WholeListQuery,
        response: { 200: GenreList, ...notModified, ...problems(422) },
      },
    },
    async (request, reply) => {
      const page = await browseGenres(request.ctx, request.query)
      return sendBody(request, reply, page, 'public, max-age=60')
    },
  )

  app.get(
    '/languages',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listLanguages',
        tags: ['Genres and languages'],
        summary: 'Languages with their counts, by name',
        querystring: WholeListQuery,
        response: { 200: LanguageList, ...notModified, ...problems(422) },
      },
    },
    async (request, reply) => {
      const page = await browseLanguages(request.ctx, request.query)
      return sendBody(request, reply, page, 'public, max-age=60')
    },
  )
}
