import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import {
  AllowedPhrase,
  ModerationWord,
  NewPhrase,
  NewWord,
  PhraseList,
  PhraseParams,
  PhrasesQuery,
  WordList,
  WordParams,
  WordPatch,
  WordsQuery,
  wordSchemas,
} from './word.schemas.ts'
import {
  addWord,
  allowPhrase,
  browsePhrases,
  browseWords,
  changeWord,
  disallowPhrase,
  removeWord,
} from './word.service.ts'

const config = { access: 'moderator' } as const
const tags = ['Moderation']

function wordListRoutes(app: App): void {
  app.get(
    '/admin/moderation/words',
    {
      config,
      schema: {
        operationId: 'listModerationWords',
        tags,
        summary: 'List the words that automatic moderation goes by',
        querystring: WordsQuery,
        response: { 200: WordList, ...problems(403, 422) },
      },
    },
    async (request) => browseWords(request.ctx, request.query),
  )

  app.post(
    '/admin/moderation/words',
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: 'addModerationWord',
        tags,
        summary: 'Add a word to the list',
        description: 'It is in force from the next review on.',
        body: NewWord,
        response: { 201: refTo(ModerationWord), ...problems(400, 403, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const word = await addWord(request.ctx, actorOf(request), request.body)
      return reply.code(201).header('location', `/api/v1/admin/moderation/words/${word.id}`).send(word)
    },
  )

  app.put(
    '/admin/moderation/words/:word_id',
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: 'updateModerationWord',
        tags,
        summary: 'Change a word of the list',
        description: 'What is left out stays.',
        params: WordParams,
        body: WordPatch,
        response: { 200: refTo(ModerationWord), ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => changeWord(request.ctx, actorOf(request), request.params.word_id, request.body),
  )

  app.delete(
    '/admin/moderation/words/:word_id',
    {
      config,
      schema: {
        operationId: 'removeModerationWord',
        tags,
        summary: 'Take a word out of the list',
        params: WordParams,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await removeWord(request.ctx, actorOf(request), request.params.word_id)
      return reply.code(204).send(null)
    },
  )
}

function allowedPhraseRoutes(app: App): void {
  app.get(
    '/admin/moderation/allowed-phrases',
    {
      config,
      schema: {
        operationId: 'listAllowedPhrases',
        tags,
        summary: 'List phrases in which a listed word is none',
        description: 'The names of titles, people and characters are known without being listed.',
        querystring: PhrasesQuery,
        response: { 200: PhraseList, ...problems(403, 422) },
      },
    },
    async (request) => browsePhrases(request.ctx, request.query),
  )

  app.post(
    '/admin/moderation/allowed-phrases',
    {
      config,
      preValidation: tidyBody,
      schema: {
        operationId: 'allowPhrase',
        tags,
        summary: 'Allow a phrase',
        body: NewPhrase,
        response: { 201: refTo(AllowedPhrase), ...problems(400, 403, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const phrase = await allowPhrase(request.ctx, actorOf(request), request.body)
      return reply.code(201).header('location', '/api/v1/admin/moderation/allowed-phrases').send(phrase)
    },
  )

  app.delete(
    '/admin/moderation/allowed-phrases/:phrase_id',
    {
      config,
      schema: {
        operationId: 'disallowPhrase',
        tags,
        summary: 'Allow a phrase no longer',
        params: PhraseParams,
        response: { ...deleted, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      await disallowPhrase(request.ctx, actorOf(request), request.params.phrase_id)
      return reply.code(204).send(null)
    },
  )
}

/** The lists that automatic moderation goes by, which moderators edit. */
export function wordRoutes(app: App): void {
  addSchemas(app, wordSchemas)
  wordListRoutes(app)
  allowedPhraseRoutes(app)
}
