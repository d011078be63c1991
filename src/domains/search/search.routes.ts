import type { App } from '../../http/app-type.ts'
import { limits } from '../../http/limits.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { notModified, problems } from '../../lib/schemas.ts'
import { SearchQuery, SearchResults, searchedKinds, searchResultsOf, TypedSearchQuery } from './search.schemas.ts'
import { searchTitles, suggestTitles } from './search.service.ts'
import { SuggestionList, SuggestionQuery, suggestionListOf, TypedSuggestionQuery } from './suggestion.schemas.ts'

const config = { access: 'public', rateLimit: limits.search } as const
const tags = ['Search']
const briefly = 'public, max-age=30, stale-while-revalidate=60'
const answers = { ...notModified, ...problems(422) }
const howItFinds =
  'Finds names as they are, misspelt, without tone marks, joined, split, incomplete or in another order; people by their ' +
  'names and characters; genres, companies, states, languages and words of plots. Best hits first; parts of one story stand together.'

/** Search and suggestions over titles of one type, and of both. */
export function searchRoutes(app: App): void {
  app.get(
    '/search',
    {
      config,
      schema: {
        operationId: 'searchTitles',
        tags,
        summary: 'Search films and series',
        description: howItFinds,
        querystring: TypedSearchQuery,
        response: { 200: SearchResults, ...answers },
      },
    },
    async (request, reply) => {
      const { type = null, ...query } = request.query
      const found = await searchTitles(request.ctx, type, query, request.actor?.id)
      return sendBody(request, reply, found, forReader(request, reply, briefly))
    },
  )

  for (const { type, path, many, labels } of searchedKinds) {
    app.get(
      `${path}/search`,
      {
        config,
        schema: {
          operationId: `search${many}`,
          tags,
          summary: `Search ${labels}`,
          description: howItFinds,
          querystring: SearchQuery,
          response: { 200: searchResultsOf(type), ...answers },
        },
      },
      async (request, reply) => {
        const found = await searchTitles(request.ctx, type, request.query, request.actor?.id)
        return sendBody(request, reply, found, forReader(request, reply, briefly))
      },
    )
  }

  app.get(
    '/movies/suggestions',
    {
      config,
      schema: {
        operationId: 'suggestTitles',
        tags,
        summary: 'Complete what is being typed',
        description:
          'For the search box of the whole site: films and series, unless `type` says which. Slips of the finger are forgiven.',
        querystring: TypedSuggestionQuery,
        response: { 200: SuggestionList, ...answers },
      },
    },
    async (request, reply) => {
      const { type = null, ...query } = request.query
      return sendBody(request, reply, await suggestTitles(request.ctx, type, query), briefly)
    },
  )

  app.get(
    '/series/suggestions',
    {
      config,
      schema: {
        operationId: 'suggestSeries',
        tags,
        summary: 'Complete the name of a series',
        querystring: SuggestionQuery,
        response: { 200: suggestionListOf('series'), ...answers },
      },
    },
    async (request, reply) =>
      sendBody(request, reply, await suggestTitles(request.ctx, 'series', request.query), briefly),
  )
}
