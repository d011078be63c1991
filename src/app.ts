import { type FastifyServerOptions, fastify, LogController } from 'fastify'
import { commaList } from './config.ts'
import type { Ctx } from './context.ts'
import { adminPagesPlugin, adminPlugin } from './domains/admin/admin.plugin.ts'
import { authPlugin } from './domains/auth/auth.plugin.ts'
import { signInParts } from './domains/auth/sign-in.account.ts'
import { catalogPlugin } from './domains/catalog/catalog.plugin.ts'
import { moderationParts } from './domains/moderation/moderation.account.ts'
import { moderationPlugin } from './domains/moderation/moderation.plugin.ts'
import { notificationParts } from './domains/notifications/notifications.account.ts'
import { notificationsPlugin } from './domains/notifications/notifications.plugin.ts'
import { reviewParts } from './domains/reviews/reviews.account.ts'
import { reviewsPlugin } from './domains/reviews/reviews.plugin.ts'
import { searchPlugin } from './domains/search/search.plugin.ts'
import { socialParts } from './domains/social/social.account.ts'
import { socialPlugin } from './domains/social/social.plugin.ts'
import { usersPlugin } from './domains/users/users.plugin.ts'
import { type Authenticate, guardRoutes } from './http/access.ts'
import { acceptAccessTokens } from './http/access-token.ts'
import { serveAccountPages } from './http/account-pages.ts'
import { noteAnswers } from './http/answers.ts'
import type { App } from './http/app-type.ts'
import { serveAssets } from './http/assets.ts'
import { serveAsyncApi } from './http/asyncapi.ts'
import { authenticateBySession } from './http/authentication.ts'
import { refuseWhileClosing } from './http/closing.ts'
import { provideContext } from './http/context.ts'
import { type Deadline, limitHandling } from './http/deadline.ts'
import { describeApi, serveOpenApi } from './http/docs.ts'
import { answerClientError, handleError } from './http/errors.ts'
import { refuseExpectations } from './http/expectation.ts'
import { frameworkErrors } from './http/framework-errors.ts'
import { serveFrontPage } from './http/front-page.ts'
import { reportHealth } from './http/health.ts'
import { limitRequests, type UnknownLimit } from './http/limits.ts'
import type { LivePolicy } from './http/live-policy.ts'
import { mayUpgrade } from './http/live-upgrade.ts'
import { serveMetrics } from './http/metrics.ts'
import { answerUnknownRoutes, refuseWrongMethods, rememberRoutes } from './http/not-found.ts'
import { type OverloadWatch, refuseUnderPressure } from './http/pressure.ts'
import { requestIdOf } from './http/request-id.ts'
import { secureHeaders } from './http/security.ts'
import { serializerCompiler } from './http/serialization.ts'
import { validatorCompiler } from './http/validation.ts'
import type { AccountPart } from './infra/account-parts.ts'
import { requestLog } from './infra/logger.ts'
import { addSchemas, sharedSchemas } from './lib/schemas.ts'

export interface AppOptions {
  /** Finds out who asks, in place of their access token. */
  readonly authenticate?: Authenticate
  /** Whether there is too much to do; for tests, whose machine does other things too. */
  readonly overload?: OverloadWatch
  /** How long a client may take; for tests, which have not so long. */
  readonly patience?: Patience
  /** How long an answer may take; for tests likewise. */
  readonly deadline?: Deadline
  /** What makes functions of schemas, which is most of a start: for tests, which start hundreds of times. */
  readonly compilers?: Compilers
  /** What the live socket allows and waits for; for tests, which have not so long. */
  readonly live?: Partial<LivePolicy>
  /** What is held of a person, beside what the domains hold: for tests of exports and erasures. */
  readonly accountParts?: readonly AccountPart[]
}

/** What the domains hold of a person, in the order of an export; erased in it too. */
export const accountParts: readonly AccountPart[] = [
  ...signInParts,
  ...reviewParts,
  ...moderationParts,
  ...socialParts,
  ...notificationParts,
]

const second = 1_000
const kibibyte = 1_024

/** Milliseconds that a client may take over what it sends; who takes longer gets a 408 and is cut off. */
export interface Patience {
  /** For all headers, from the first byte or, on a new connection, from its opening. */
  readonly headers: number
  /** For the whole request, body included. */
  readonly request: number
  /** How often it is looked whether somebody takes longer. */
  readonly interval: number
}

const patience: Patience = { headers: 10 * second, request: 15 * second, interval: 5 * second }

const deadline: Deadline = { longest: 20 * second, interval: second }

/** What makes functions of the schemas of routes. */
export interface Compilers {
  readonly buildValidator: typeof validatorCompiler
  readonly buildSerializer: typeof serializerCompiler
}

const compilers: Compilers = { buildValidator: validatorCompiler, buildSerializer: serializerCompiler }

const createApp = (
  ctx: Ctx,
  unknownLimit: () => UnknownLimit | undefined,
  compilersFactory: Compilers,
  { headers, request, interval }: Patience,
): App =>
  fastify({
    loggerInstance: ctx.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdOf,
    trustProxy: commaList(ctx.config.TRUST_PROXY),
    bodyLimit: 64 * kibibyte,
    requestTimeout: request,
    http: { headersTimeout: headers, connectionsCheckingInterval: interval, shouldUpgradeCallback: mayUpgrade },
    connectionTimeout: 60 * second,
    keepAliveTimeout: 72 * second,
    // While closing we answer 503 ourselves, in the envelope.
    return503OnClosing: false,
    // Both compilers are ours; Fastify's types name only its own.
    schemaController: { compilersFactory } as unknown as NonNullable<FastifyServerOptions['schemaController']>,
    frameworkErrors: frameworkErrors(ctx.metrics, unknownLimit),
    clientErrorHandler: answerClientError,
    routerOptions: {
      maxParamLength: 500,
      caseSensitive: true,
      ignoreDuplicateSlashes: false,
      ignoreTrailingSlash: false,
    },
  })

/** The whole HTTP service over a context; whoever asked closes both. */
export async function buildApp(ctx: Ctx, options: AppOptions = {}): Promise<App> {
  let unknownLimit: UnknownLimit | undefined
  const app = createApp(ctx, () => unknownLimit, options.compilers ?? compilers, options.patience ?? patience)
  app.setChildLoggerFactory((_log, { request_id }) => requestLog(ctx.log, request_id))
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler(handleError)
  app.decorateRequest('failure', null)
  addSchemas(app, sharedSchemas)

  limitHandling(app, options.deadline ?? deadline)
  noteAnswers(app, ctx)
  await secureHeaders(app, ctx.config)
  const closing = refuseWhileClosing(app)
  refuseUnderPressure(app, options.overload)
  refuseExpectations(app)
  provideContext(app, ctx)

  const paths = rememberRoutes(app)
  await describeApi(app, ctx.config)
  await acceptAccessTokens(app, ctx)
  guardRoutes(app, options.authenticate ?? authenticateBySession(ctx))
  unknownLimit = await limitRequests(app, ctx)
  answerUnknownRoutes(app, paths, unknownLimit)

  reportHealth(app, ctx, closing.isClosing)
  serveMetrics(app, ctx)
  serveOpenApi(app)
  serveAsyncApi(app, ctx.config.PUBLIC_URL)
  serveAssets(app)
  serveFrontPage(app, ctx)
  serveAccountPages(app)

  await app.register(authPlugin, { prefix: '/api/v1' })
  await app.register(catalogPlugin, { prefix: '/api/v1' })
  await app.register(moderationPlugin, { prefix: '/api/v1' })
  await app.register(searchPlugin, { prefix: '/api/v1' })
  await app.register(reviewsPlugin, { prefix: '/api/v1' })
  await app.register(usersPlugin, {
    prefix: '/api/v1',
    accountParts: [...accountParts, ...(options.accountParts ?? [])],
  })
  await app.register(socialPlugin, { prefix: '/api/v1' })
  await app.register(adminPlugin, { prefix: '/api/v1' })
  await app.register(adminPagesPlugin)
  await app.register(notificationsPlugin, { prefix: '/api/v1', ctx, live: options.live })

  refuseWrongMethods(app, paths, unknownLimit)
  return app
}
