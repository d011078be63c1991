import {
  allowedPhrase,
  announcement,
  blockedUser,
  erasure,
  featured,
  followedUser,
  heldTitle,
  listedTitle,
  listedWord,
  newPassword,
  newPhrase,
  newReview,
  newSubscription,
  newTitle,
  newWord,
  notification,
  person,
  queued,
  queuedMany,
  refreshToken,
  registration,
  report,
  reset,
  reviewByUser,
  searched,
  sessionOfUser,
  signIn,
  subscription,
  theUser,
  title,
  unsubscribeLink,
  verificationLink,
  votedReview,
} from './access-resources.ts'
import { type Expectation, everybodyElse } from './access-rules.ts'
import { freshEmail } from './account-factory.ts'
import { deadJob, mailQueue } from './dead-job-factory.ts'

type Table = Readonly<Record<string, Expectation>>

const toOperators = { least: 'operational', answers: 200 } as const
const toEverybody = { least: 'public', answers: 200 } as const
const toModerators = { least: 'moderator', answers: 200 } as const

/** For people and operators, at the root. */
const operational: Table = {
  'GET /': toOperators,
  'GET /favicon.ico': toOperators,
  'GET /assets/favicon.svg': toOperators,
  'GET /assets/logo.svg': toOperators,
  'GET /assets/front-page.css': toOperators,
  'GET /assets/front-page.js': toOperators,
  'GET /assets/account-page.css': toOperators,
  'GET /assets/account-page.js': toOperators,
  'GET /assets/job-board.js': toOperators,
  'GET /verify-email': toOperators,
  'GET /reset-password': toOperators,
  'GET /job-board': toOperators,
  // By its cookie alone: who may is in tests/domains/admin/job-board.test.ts.
  'GET /job-board/*': { least: 'operational', answers: 'forbidden', ask: () => ({ params: { '*': 'api/queues' } }) },
  'PUT /job-board/api/queues/:queue/:job_id/retry': { least: 'operational', answers: 'forbidden', ask: deadJob },
  'PUT /job-board/api/queues/:queue/:job_id/clean': { least: 'operational', answers: 'forbidden', ask: deadJob },
  'PUT /job-board/api/queues/:queue/retry/failed': { least: 'operational', answers: 'forbidden', ask: mailQueue },
  'PUT /job-board/api/queues/:queue/clean/failed': { least: 'operational', answers: 'forbidden', ask: mailQueue },
  'GET /unsubscribe': toOperators,
  'GET /health/live': toOperators,
  'GET /health/ready': toOperators,
  'GET /metrics': toOperators,
  'GET /openapi.json': toOperators,
  'GET /asyncapi.json': toOperators,
  'GET /docs': toOperators,
  'GET /docs/': toOperators,
  'GET /docs/json': toOperators,
  'GET /docs/yaml': toOperators,
  'GET /docs/static/*': { ...toOperators, ask: () => ({ params: { '*': 'swagger-ui.css' } }) },
  'GET /docs/static/index.html': { least: 'operational', answers: 302 },
  'GET /docs/static/swagger-initializer.js': toOperators,
  'GET /docs/static/theme/favicon.svg': toOperators,
  'GET /docs/static/theme/lemonnpie.css': toOperators,
}

const auth: Table = {
  'POST /api/v1/auth/register': {
    least: 'public',
    answers: 'validation_error',
    but: { anonymous: 201 },
    ask: registration,
  },
  'POST /api/v1/auth/login': { least: 'public', answers: 'validation_error', but: { anonymous: 200 }, ask: signIn },
  'POST /api/v1/auth/refresh': { least: 'public', answers: 200, ask: refreshToken },
  // With a refresh token alone too: of those without an access token, `anonymous` has neither.
  'POST /api/v1/auth/logout': { least: 'public', answers: 204, but: { anonymous: 'unauthorized' }, apart: true },
  'POST /api/v1/auth/forgot-password': {
    least: 'public',
    answers: 202,
    ask: () => ({ body: { email: freshEmail() } }),
  },
  'POST /api/v1/auth/reset-password': {
    least: 'public',
    answers: 'validation_error',
    but: { anonymous: 204 },
    ask: reset,
  },
  'PUT /api/v1/auth/password': {
    least: 'user',
    about: 'own',
    answers: 'validation_error',
    but: { user: 204 },
    ask: newPassword,
    apart: true,
  },
  'GET /api/v1/auth/verify-email/:token': { least: 'public', answers: 200, ask: verificationLink },
  'POST /api/v1/auth/verify-email/resend': {
    least: 'user',
    about: 'own',
    answers: 'already_verified',
    but: { unverified: 202 },
  },
  'GET /api/v1/auth/sessions': {
    least: 'user',
    about: 'own',
    answers: 200,
    shows: { what: ({ sessions }) => sessions.user.session, to: ['user'] },
  },
  'DELETE /api/v1/auth/sessions/:session_id': {
    least: 'user',
    about: 'user',
    answers: 204,
    but: { unverified: 'not_found', ...everybodyElse('not_found') },
    ask: sessionOfUser,
  },
}

const users: Table = {
  'GET /api/v1/users/profile': {
    least: 'user',
    about: 'own',
    answers: 200,
    shows: { what: ({ user }) => user.email, to: ['user'] },
  },
  'PUT /api/v1/users/profile': {
    least: 'user',
    about: 'own',
    answers: 200,
    ask: () => ({ body: { location: 'Enugu' } }),
  },
  'DELETE /api/v1/users/profile': { least: 'user', about: 'own', answers: 204, ask: erasure, apart: true },
  'GET /api/v1/users/profile/export': {
    least: 'user',
    about: 'own',
    answers: 200,
    shows: { what: ({ user }) => user.email, to: ['user'] },
  },
  'GET /api/v1/users/:user_id': {
    ...toEverybody,
    ask: theUser,
    shows: { what: ({ user }) => user.email, to: [] },
  },
  'GET /api/v1/users/:user_id/reviews': {
    ...toEverybody,
    ask: theUser,
    shows: { what: ({ pending }) => pending.review_text, to: ['user'] },
  },
  'GET /api/v1/users/reports': {
    least: 'user',
    about: 'own',
    answers: 200,
    shows: { what: ({ reportNote }) => reportNote, to: ['user'] },
  },
}

const listsOf = (list: 'watchlist' | 'favorites' | 'watched'): Table => ({
  [`GET /api/v1/users/${list}`]: {
    least: 'user',
    about: 'own',
    answers: 200,
    shows: { what: ({ listed }) => listed, to: ['user'] },
  },
  // What is private: access-cases.ts.
  [`GET /api/v1/users/:user_id/${list}`]: { ...toEverybody, ask: theUser },
  [`POST /api/v1/users/${list}/:movie_id`]: { least: 'user', about: 'own', answers: 201, ask: title('movie') },
  [`DELETE /api/v1/users/${list}/:movie_id`]: { least: 'user', about: 'own', answers: 204, ask: listedTitle(list) },
})

const social: Table = {
  ...listsOf('watchlist'),
  ...listsOf('favorites'),
  ...listsOf('watched'),
  'GET /api/v1/users/list-privacy': { least: 'user', about: 'own', answers: 200 },
  'PUT /api/v1/users/list-privacy': {
    least: 'user',
    about: 'own',
    answers: 200,
    ask: () => ({ body: { watchlist: 'private' } }),
    apart: true,
  },
  'POST /api/v1/users/:user_id/follow': {
    least: 'user',
    about: 'user',
    answers: 200,
    but: { user: 'self_follow', ...everybodyElse(200) },
    ask: theUser,
    apart: true,
  },
  'DELETE /api/v1/users/:user_id/follow': {
    least: 'user',
    about: 'user',
    answers: 204,
    but: { user: 'self_follow', ...everybodyElse(204) },
    ask: followedUser,
    apart: true,
  },
  'GET /api/v1/users/:user_id/followers': { ...toEverybody, ask: theUser },
  'GET /api/v1/users/:user_id/following': { ...toEverybody, ask: theUser },
  'GET /api/v1/users/:user_id/statistics': { ...toEverybody, ask: theUser },
  'POST /api/v1/users/:user_id/block': {
    least: 'user',
    about: 'user',
    answers: 204,
    but: { user: 'self_block', ...everybodyElse(204) },
    ask: theUser,
    apart: true,
  },
  'DELETE /api/v1/users/:user_id/block': {
    least: 'user',
    about: 'user',
    answers: 204,
    but: { user: 'self_block', ...everybodyElse(204) },
    ask: blockedUser,
    apart: true,
  },
  'GET /api/v1/users/blocks': {
    least: 'user',
    about: 'own',
    answers: 200,
    shows: { what: ({ blocked }) => blocked, to: ['user'] },
  },
  'GET /api/v1/users/feed': {
    least: 'user',
    about: 'own',
    answers: 200,
    shows: { what: ({ lovedByFollowed }) => lovedByFollowed, to: ['user'] },
  },
}

const notifications: Table = {
  'GET /api/v1/notifications': {
    least: 'user',
    about: 'own',
    answers: 200,
    shows: { what: ({ notified }) => notified, to: ['user'] },
  },
  'PUT /api/v1/notifications/:notification_id/read': {
    least: 'user',
    about: 'user',
    answers: 200,
    but: { unverified: 'not_found', ...everybodyElse('not_found') },
    ask: notification,
  },
  'PUT /api/v1/notifications/read-all': { least: 'user', about: 'own', answers: 200 },
  'DELETE /api/v1/notifications/:notification_id': {
    least: 'user',
    about: 'user',
    answers: 204,
    but: { unverified: 'not_found', ...everybodyElse('not_found') },
    ask: notification,
  },
  'GET /api/v1/users/notification-preferences': { least: 'user', about: 'own', answers: 200 },
  'PUT /api/v1/users/notification-preferences': {
    least: 'user',
    about: 'own',
    answers: 200,
    ask: () => ({ body: { digest_hour: 7 } }),
  },
  'POST /api/v1/notifications/unsubscribe': { least: 'public', answers: 204, ask: unsubscribeLink },
  // There are no keys in the matrix's configuration; with them: notifications/delivery.test.ts.
  'GET /api/v1/notifications/push-key': { least: 'public', answers: 'not_found' },
  'GET /api/v1/users/push-subscriptions': { least: 'user', about: 'own', answers: 200 },
  'POST /api/v1/users/push-subscriptions': { least: 'user', about: 'own', answers: 'not_found', ask: newSubscription },
  'DELETE /api/v1/users/push-subscriptions/:subscription_id': {
    least: 'user',
    about: 'user',
    answers: 204,
    but: { unverified: 'not_found', ...everybodyElse('not_found') },
    ask: subscription,
  },
  'POST /api/v1/admin/notifications': {
    least: 'admin',
    answers: 201,
    ask: () => ({ body: { title: 'A new desk', body: 'For critics.', audience: 'critics' } }),
  },
  'GET /api/v1/admin/notifications/:announcement_id': { least: 'admin', answers: 200, ask: announcement },
  'DELETE /api/v1/admin/notifications/:announcement_id': { least: 'admin', answers: 204, ask: announcement },
}

const titlesOf = (type: 'movie' | 'series', path: string): Table => ({
  [`GET ${path}`]: toEverybody,
  [`GET ${path}/featured`]: toEverybody,
  [`GET ${path}/trending`]: toEverybody,
  [`GET ${path}/search`]: { ...toEverybody, ask: searched },
  [`GET ${path}/suggestions`]: { ...toEverybody, ask: searched },
  [`GET ${path}/:${type}_id`]: { ...toEverybody, ask: title(type) },
  [`GET ${path}/:${type}_id/stats`]: { ...toEverybody, ask: title(type) },
  [`GET ${path}/:${type}_id/similar`]: { ...toEverybody, ask: title(type) },
  [`GET ${path}/:${type}_id/reviews`]: { ...toEverybody, ask: title(type) },
  [`POST ${path}`]: { least: 'admin', answers: 201, ask: newTitle },
  [`PUT ${path}/:${type}_id`]: { least: 'admin', answers: 200, ask: title(type, { runtime: 120 }) },
  [`DELETE ${path}/:${type}_id`]: { least: 'admin', answers: 204, ask: title(type) },
  [`PUT ${path}/:${type}_id/featured`]: { least: 'admin', answers: 200, ask: title(type, { position: 1 }) },
  [`DELETE ${path}/:${type}_id/featured`]: { least: 'admin', answers: 204, ask: featured(type) },
})

const catalogue: Table = {
  ...titlesOf('movie', '/api/v1/movies'),
  ...titlesOf('series', '/api/v1/series'),
  'GET /api/v1/search': { ...toEverybody, ask: searched },
  'GET /api/v1/people/:person_id': { ...toEverybody, ask: person },
  'GET /api/v1/genres': toEverybody,
  'GET /api/v1/languages': toEverybody,
  'GET /api/v1/meta': toEverybody,
}

const reviews: Table = {
  'GET /api/v1/reviews': { ...toEverybody, shows: { what: ({ pending }) => pending.review_text, to: ['user'] } },
  'GET /api/v1/reviews/trending': toEverybody,
  'POST /api/v1/reviews': { least: 'verified', about: 'own', answers: 201, ask: newReview },
  'GET /api/v1/reviews/:review_id': { ...toEverybody, ask: reviewByUser() },
  'PUT /api/v1/reviews/:review_id': {
    least: 'verified',
    about: 'user',
    answers: 200,
    but: everybodyElse('forbidden'),
    ask: reviewByUser({ lemon_pie_rating: 3 }),
  },
  'DELETE /api/v1/reviews/:review_id': {
    least: 'user',
    about: 'user',
    answers: 204,
    but: { unverified: 'forbidden', ...everybodyElse('forbidden'), moderator: 204, admin: 204 },
    ask: reviewByUser(),
  },
  'GET /api/v1/reviews/:review_id/revisions': { ...toModerators, ask: reviewByUser() },
  'POST /api/v1/reviews/:review_id/vote': {
    least: 'user',
    about: 'user',
    answers: 200,
    but: { user: 'own_review', ...everybodyElse(200) },
    ask: reviewByUser({ vote_type: 'helpful' }),
  },
  'DELETE /api/v1/reviews/:review_id/vote': {
    least: 'user',
    about: 'user',
    answers: 204,
    but: everybodyElse(204),
    ask: votedReview,
  },
  'POST /api/v1/reviews/:review_id/report': {
    least: 'user',
    about: 'user',
    answers: 201,
    but: { user: 'own_review', ...everybodyElse(201) },
    ask: reviewByUser({ reason: 'spoiler' }),
  },
}

const moderation: Table = {
  'GET /api/v1/admin/reports': {
    ...toModerators,
    shows: { what: ({ reportNote }) => reportNote, to: ['moderator', 'admin'] },
  },
  'PUT /api/v1/admin/reports/:report_id/resolve': { ...toModerators, ask: report({ resolution: 'dismissed' }) },
  'GET /api/v1/admin/moderation': {
    ...toModerators,
    shows: { what: ({ pending }) => pending.review_text, to: ['moderator', 'admin'] },
  },
  'GET /api/v1/admin/moderation/decisions': toModerators,
  'POST /api/v1/admin/moderation/bulk': { ...toModerators, ask: queuedMany },
  'POST /api/v1/admin/moderation/:content_id': { ...toModerators, ask: queued({ decision: 'approve' }) },
  'GET /api/v1/admin/moderation/held-titles': toModerators,
  'PUT /api/v1/admin/moderation/held-titles/:movie_id': { ...toModerators, ask: heldTitle },
  'GET /api/v1/admin/moderation/words': toModerators,
  'POST /api/v1/admin/moderation/words': { least: 'moderator', answers: 201, ask: newWord },
  'PUT /api/v1/admin/moderation/words/:word_id': { ...toModerators, ask: listedWord({ level: 'severe' }) },
  'DELETE /api/v1/admin/moderation/words/:word_id': { least: 'moderator', answers: 204, ask: listedWord() },
  'GET /api/v1/admin/moderation/allowed-phrases': toModerators,
  'POST /api/v1/admin/moderation/allowed-phrases': { least: 'moderator', answers: 201, ask: newPhrase },
  'DELETE /api/v1/admin/moderation/allowed-phrases/:phrase_id': {
    least: 'moderator',
    answers: 204,
    ask: allowedPhrase,
  },
}

const oneDeadJob = '/api/v1/admin/job-queues/:queue/dead-jobs/:job_id'

const operations: Table = {
  'GET /api/v1/admin/job-queues': { least: 'admin', answers: 200 },
  'GET /api/v1/admin/dead-jobs': { least: 'admin', answers: 200 },
  [`GET ${oneDeadJob}`]: { least: 'admin', answers: 200, ask: deadJob },
  [`POST ${oneDeadJob}/retry`]: { least: 'admin', answers: 200, ask: deadJob },
  [`DELETE ${oneDeadJob}`]: { least: 'admin', answers: 204, ask: deadJob },
  'POST /api/v1/admin/job-board-sessions': { least: 'admin', answers: 204 },
}

// Whoever opens it says who they are by its first message; here nobody comes as a WebSocket.
const live: Table = {
  'GET /api/v1/notifications/ws': { least: 'public', answers: 'upgrade_required' },
}

/**
 * Who gets what of every route, written by hand and not taken from the routes, so that a guard that is wrong shows. A new
 * route needs a row here: the least that its caller must be, what those who get through are answered and, of what belongs
 * to somebody, what everybody else gets. HEAD follows its GET.
 */
export const accessTable: Table = {
  ...operational,
  ...auth,
  ...users,
  ...social,
  ...notifications,
  ...catalogue,
  ...reviews,
  ...moderation,
  ...operations,
  ...live,
}
