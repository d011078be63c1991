import type { FastifyRequest } from 'fastify'
import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { limits } from '../../http/limits.ts'
import { clearRefreshCookie, refreshCookieOf } from '../../http/refresh-cookie.ts'
import { signedIn } from '../../http/signed-in.ts'
import { allowNoBody } from '../../http/tidy-credentials.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import { logOut, refreshSession } from './refresh.service.ts'
import {
  LogoutQuery,
  RefreshBody,
  SessionList,
  SessionParams,
  SessionsQuery,
  SignedIn,
  sessionSchemas,
} from './session.schemas.ts'
import { browseSessions, endSession } from './session.service.ts'

const tags = ['Auth']

/** The refresh token, in the body or in the cookie. @throws AppError 403 when the cookie comes from somebody else's page */
const tokenOf = (request: FastifyRequest): string | undefined =>
  (request.body as RefreshBody).refresh_token ?? refreshCookieOf(request, request.ctx.config)

function tokenRoutes(app: App): void {
  app.post(
    '/auth/refresh',
    {
      config: { access: 'public', rateLimit: limits.refresh_address, tokenLimit: { policy: limits.refresh, tokenOf } },
      preValidation: allowNoBody,
      schema: {
        operationId: 'refreshTokens',
        tags,
        summary: 'Get new tokens for a refresh token',
        description:
          'Uses the token up. Takes it from the body or, for web pages, from the cookie, which then also gets the next one; ' +
          'with the cookie the Origin must be that of the API or one of its web pages. Used twice within ten seconds, as by ' +
          'two tabs at once, a token leads both times to the same next one. Used again later (401 `token_reused`) it has ' +
          'been stolen, and the session ends.',
        body: RefreshBody,
        response: { 200: refTo(SignedIn), ...problems(400, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const opened = await refreshSession(request.ctx, tokenOf(request))
      return signedIn(request, reply, opened, request.body.refresh_token === undefined)
    },
  )

  app.post(
    '/auth/logout',
    {
      config: {
        access: 'public',
        rateLimit: limits.refresh_address,
        tokenLimit: { policy: limits.refresh, tokenOf: (request) => (request.actor ? undefined : tokenOf(request)) },
      },
      preValidation: allowNoBody,
      schema: {
        operationId: 'logOut',
        tags,
        summary: 'Sign out, here or everywhere',
        description:
          'Ends the session of the access token; without one, that of the refresh token in the body or in the cookie, for ' +
          'which the Origin is checked. Its tokens are worth nothing from the next request on. Without any of them: 401.',
        querystring: LogoutQuery,
        body: RefreshBody,
        response: { ...deleted, ...problems(400, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const { actor, ctx, query } = request
      const token = actor ? undefined : tokenOf(request)
      await logOut(ctx, { actor, token, everywhere: query.everywhere })
      clearRefreshCookie(request, reply, ctx.config)
      return reply.code(204).send(null)
    },
  )
}

export function sessionRoutes(app: App): void {
  addSchemas(app, sessionSchemas)
  tokenRoutes(app)

  app.get(
    '/auth/sessions',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'listSessions',
        tags,
        summary: 'Where the account is signed in',
        querystring: SessionsQuery,
        response: { 200: SessionList, ...problems(422) },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return browseSessions(request.ctx, actorOf(request), request.query)
    },
  )

  app.delete(
    '/auth/sessions/:session_id',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'endSession',
        tags,
        summary: 'Sign out one device',
        params: SessionParams,
        response: { ...deleted, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      await endSession(request.ctx, actorOf(request), request.params.session_id)
      return reply.code(204).send(null)
    },
  )
}
