import type { Caller, World } from './access-callers.ts'
import {
  afterBlock,
  guardedList,
  type Maker,
  pendingByUser,
  queued,
  refreshToken,
  report,
  reviewByUser,
  theUser,
} from './access-resources.ts'
import type { Answer, Expectation } from './access-rules.ts'
import { everybodyElse } from './access-rules.ts'
import { makeAccount } from './account-factory.ts'

/** One more thing that a route may be about, beside what its row of the access table is about. */
interface Case {
  readonly what: string
  readonly route: string
  readonly expectation: Expectation
}

const hidden = { unverified: 'not_found', ...everybodyElse('not_found') } as const
const toStaff = { moderator: 204, admin: 204 } as const
const byCaller = (world: World, caller: Caller): string =>
  caller === 'anonymous' ? world.user.id : world.sessions[caller].account.id
const suspension = { resolution: 'user_suspended', reason: 'Third time this week.', keep_content: true }

/** A review of an account of that role, which a moderator who resolves the report of it wants suspended. */
const reviewOfSome = (role: 'critic' | 'moderator' | 'admin') => async (world: World, caller: Caller) => {
  const { id } = await makeAccount(world.ctx.db, { role })
  return report(suspension, () => id)(world, caller)
}

const allBut = <A extends Answer>(answer: A) => ({ anonymous: answer, unverified: answer, ...everybodyElse(answer) })
const blocked = (answers: Answer, ask: Maker, least: 'public' | 'user' = 'user'): Expectation => {
  const row = { answers, ask: afterBlock(ask), apart: true } as const
  const but = { ...everybodyElse(answers), 'other user': 'not_found' } as const
  return least === 'public'
    ? { ...row, least, but }
    : { ...row, least, about: 'user', but: { user: 'own_review', ...but } }
}

const suspended = async ({ ctx }: World) => ({
  params: { user_id: (await makeAccount(ctx.db, { suspended_at: new Date().toISOString() })).id },
})

/** What a route's own row does not show: who knows of what is not there for everybody, and who may decide on whom. */
export const accessCases: readonly Case[] = [
  {
    what: 'a review that waits for a moderator is there for its author and for moderators',
    route: 'GET /api/v1/reviews/:review_id',
    expectation: {
      least: 'public',
      answers: 200,
      but: { anonymous: 'not_found', ...hidden, moderator: 200, admin: 200 },
      ask: ({ pending }) => ({ params: { review_id: pending.id } }),
      shows: { what: ({ pending }) => pending.review_text, to: ['user', 'moderator', 'admin'] },
    },
  },
  {
    what: 'in the list of its title such a review is for its author alone',
    route: 'GET /api/v1/movies/:movie_id/reviews',
    expectation: {
      least: 'public',
      answers: 200,
      ask: ({ pending }) => ({ params: { movie_id: pending.movie_id } }),
      shows: { what: ({ pending }) => pending.review_text, to: ['user'] },
    },
  },
  {
    what: 'whoever may not know of a review is not told, by changing it either, that it is there',
    route: 'PUT /api/v1/reviews/:review_id',
    expectation: {
      least: 'verified',
      about: 'user',
      answers: 200,
      but: { ...everybodyElse('not_found'), moderator: 'forbidden', admin: 'forbidden' },
      ask: pendingByUser({ lemon_pie_rating: 3 }),
    },
  },
  {
    what: 'nor by deleting it',
    route: 'DELETE /api/v1/reviews/:review_id',
    expectation: { least: 'user', about: 'user', answers: 204, but: { ...hidden, ...toStaff }, ask: pendingByUser() },
  },
  {
    what: 'nor by a vote',
    route: 'POST /api/v1/reviews/:review_id/vote',
    expectation: {
      least: 'user',
      about: 'user',
      answers: 'own_review',
      but: hidden,
      ask: pendingByUser({ vote_type: 'helpful' }),
    },
  },
  {
    what: 'nor by taking a vote back',
    route: 'DELETE /api/v1/reviews/:review_id/vote',
    expectation: {
      least: 'user',
      about: 'user',
      answers: 204,
      changesNothing: true,
      but: hidden,
      ask: pendingByUser(),
    },
  },
  {
    what: 'nor by a report',
    route: 'POST /api/v1/reviews/:review_id/report',
    expectation: {
      least: 'user',
      about: 'user',
      answers: 'own_review',
      but: hidden,
      ask: pendingByUser({ reason: 'spam' }),
    },
  },
  {
    what: 'nobody decides on their own review',
    route: 'POST /api/v1/admin/moderation/:content_id',
    expectation: { least: 'moderator', answers: 'own_review', ask: queued({ decision: 'approve' }, byCaller) },
  },
  {
    what: 'nobody resolves a report of their own review',
    route: 'PUT /api/v1/admin/reports/:report_id/resolve',
    expectation: { least: 'moderator', answers: 'own_review', ask: report({ resolution: 'dismissed' }, byCaller) },
  },
  {
    what: 'a moderator suspends a critic',
    route: 'PUT /api/v1/admin/reports/:report_id/resolve',
    expectation: { least: 'moderator', answers: 200, ask: reviewOfSome('critic') },
  },
  {
    what: 'only an admin suspends a moderator',
    route: 'PUT /api/v1/admin/reports/:report_id/resolve',
    expectation: { least: 'moderator', answers: 200, but: { moderator: 'forbidden' }, ask: reviewOfSome('moderator') },
  },
  {
    what: 'or another admin',
    route: 'PUT /api/v1/admin/reports/:report_id/resolve',
    expectation: { least: 'moderator', answers: 200, but: { moderator: 'forbidden' }, ask: reviewOfSome('admin') },
  },
  {
    what: 'an account that is suspended has no profile',
    route: 'GET /api/v1/users/:user_id',
    expectation: { least: 'public', answers: 'not_found', ask: suspended },
  },
  {
    what: 'a refresh token signs out whoever has no access token',
    route: 'POST /api/v1/auth/logout',
    expectation: { least: 'public', answers: 204, ask: refreshToken, apart: true },
  },
  {
    what: 'without a refresh token nobody gets new ones',
    route: 'POST /api/v1/auth/refresh',
    expectation: { least: 'public', answers: 'unauthorized' },
  },
  ...(['watchlist', 'favorites', 'watched'] as const).flatMap((list): Case[] => {
    const route = `GET /api/v1/users/:user_id/${list}`
    const row = { least: 'public', answers: 200, apart: true } as const
    const shows = (...to: Caller[]) => ({ what: ({ listed }: World) => listed, to })
    const toNobody = allBut('list_private')
    return [
      {
        what: 'a private list is for its owner alone, whoever asks',
        route,
        expectation: { ...row, but: toNobody, ask: guardedList(list, 'private'), shows: shows('user') },
      },
      {
        what: 'one for followers is for them too',
        route,
        expectation: {
          ...row,
          but: { ...toNobody, 'other user': 200 },
          ask: guardedList(list, 'followers'),
          shows: shows('user', 'other user'),
        },
      },
    ]
  }),
  {
    what: 'whom somebody has blocked does not find them',
    route: 'GET /api/v1/users/:user_id',
    expectation: blocked(200, theUser, 'public'),
  },
  {
    what: 'nor follows them',
    route: 'POST /api/v1/users/:user_id/follow',
    expectation: {
      least: 'user',
      about: 'user',
      answers: 200,
      but: { user: 'self_follow', ...everybodyElse(200), 'other user': 'not_found' },
      ask: afterBlock(theUser),
      apart: true,
    },
  },
  {
    what: 'nor votes on what they write',
    route: 'POST /api/v1/reviews/:review_id/vote',
    expectation: blocked(200, reviewByUser({ vote_type: 'helpful' })),
  },
  {
    what: 'nor reports it',
    route: 'POST /api/v1/reviews/:review_id/report',
    expectation: blocked(201, reviewByUser({ reason: 'spoiler' })),
  },
]
