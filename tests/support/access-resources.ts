import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { unsubscribeToken } from '../../src/domains/notifications/unsubscribe.service.ts'
import { tokenHash } from '../../src/infra/secrets.ts'
import type { Caller, World } from './access-callers.ts'
import type { Asked, Expectation } from './access-rules.ts'
import { freshEmail, makeAccount, makeSession } from './account-factory.ts'
import { makePerson, makeTitle } from './factories.ts'
import { makePending } from './moderation-factory.ts'
import { makeNotification } from './notification-factory.ts'
import { browser } from './push-service.ts'
import { makeReview, someText } from './review-factory.ts'
import { userPassword } from './user-factory.ts'

/** What rows of the access matrix are about: each call makes something that no other request touches. */
export type Maker = NonNullable<Expectation['ask']>

/** A title nobody else has, named as both kinds of path name it. */
export const title =
  (type: 'movie' | 'series', body?: object): Maker =>
  async ({ ctx }) => {
    const { id } = await makeTitle(ctx.db, { type })
    return { params: { [`${type}_id`]: id }, ...(body ? { body } : {}) }
  }

export const featured =
  (type: 'movie' | 'series'): Maker =>
  async (world, caller) => {
    const asked = await title(type)(world, caller)
    const movie_id = asked.params![`${type}_id`]!
    await world.ctx.db.insertInto('featured_movies').values({ movie_id, position: 1 }).execute()
    return asked
  }

export const newTitle: Maker = () => ({ body: { title: `Film ${randomUUID()}`, release_year: 2020 } })

export const person: Maker = async ({ ctx }) => ({ params: { person_id: (await makePerson(ctx.db)).id } })

export const searched = (): Asked => ({ query: 'q=king%20of%20boys' })

export const theUser: Maker = ({ user }) => ({ params: { user_id: user.id } })

/** A review by `user`. */
export const reviewByUser =
  (body?: object, columns: Parameters<typeof makeReview>[1] = {}): Maker =>
  async ({ ctx, user }) => {
    const { id } = await makeReview(ctx.db, { user_id: user.id, ...columns })
    return { params: { review_id: id }, ...(body ? { body } : {}) }
  }

/** One that is not there for everybody, which votes, edits and reports find out too. */
export const pendingByUser = (body?: object): Maker => reviewByUser(body, { moderation_status: 'pending' })

export const newReview: Maker = async ({ ctx }) => ({
  body: { movie_id: (await makeTitle(ctx.db)).id, lemon_pie_rating: 8, review_text: someText() },
})

/** A review by `user` that the caller has voted for. */
export const votedReview: Maker = async (world, caller) => {
  const asked = await reviewByUser(undefined, { helpful_votes: 1, helpful_votes_ever: 1 })(world, caller)
  if (caller === 'anonymous' || caller === 'user') return asked
  const { id } = world.sessions[caller].account
  const vote = { review_id: asked.params!.review_id!, user_id: id, vote_type: 'helpful', revision: 1 } as const
  await world.ctx.db.insertInto('review_votes').values(vote).execute()
  return asked
}

/** A review that waits for a moderator, by somebody who is none of the callers, or by one of them. */
export const queued =
  (body: object, by?: (world: World, caller: Caller) => string): Maker =>
  async (world, caller) => {
    const columns = by ? { user_id: by(world, caller) } : {}
    return { params: { content_id: (await makePending(world.ctx.db, columns)).id }, body }
  }

export const queuedMany: Maker = async ({ ctx }) => ({
  body: { content_ids: [(await makePending(ctx.db)).id], decision: 'approve' },
})

/** An open report of a review, by default one by nobody among the callers. */
export const report =
  (body: object, author?: (world: World, caller: Caller) => string): Maker =>
  async (world, caller) => {
    const { db } = world.ctx
    const review = await makeReview(db, author ? { user_id: author(world, caller) } : {})
    const { id } = await db
      .insertInto('reports')
      .values({ review_id: review.id, reporter_id: world.user.id, reason: 'spam', in_good_standing: true })
      .returning('id')
      .executeTakeFirstOrThrow()
    return { params: { report_id: id }, body }
  }

export const heldTitle: Maker = async ({ ctx }) => {
  const { movie_id } = await makeReview(ctx.db, { exclusion: 'held' })
  const figures = { extreme: 'low', window_hours: 6, reviews: 1, extremes: 1, expected: 0 } as const
  const began_at = new Date(Date.now() - 3_600_000).toISOString()
  await ctx.db
    .insertInto('title_bursts')
    .values({ movie_id, began_at, ...figures })
    .execute()
  return { params: { movie_id }, body: { count: 'all', reason: 'A premiere, and a hall full of people.' } }
}

/** Letters that no other word has. */
const freshWord = (): string =>
  randomUUID()
    .replace(/[^a-f]/g, '')
    .padEnd(8, 'x') + randomBytes(6).toString('hex')

const word = () => ({ word: freshWord(), language: 'en', category: 'insult', level: 'mild' }) as const
export const newWord: Maker = () => ({ body: word() })
export const listedWord =
  (body?: object): Maker =>
  async ({ ctx }) => {
    const made = ctx.db
      .insertInto('moderation_words')
      .values({ ...word(), provenance: 'A test' })
      .returning('id')
    const { id } = await made.executeTakeFirstOrThrow()
    return { params: { word_id: id }, ...(body ? { body } : {}) }
  }

export const newPhrase: Maker = () => ({ body: { phrase: `Dick ${freshWord()}` } })
export const allowedPhrase: Maker = async ({ ctx }) => {
  const made = ctx.db
    .insertInto('moderation_allowed')
    .values({ phrase: `Dick ${freshWord()}` })
    .returning('id')
  return { params: { phrase_id: (await made.executeTakeFirstOrThrow()).id } }
}

/** A session of `user` on another device. */
export const sessionOfUser: Maker = async ({ ctx, app, user }) => ({
  params: { session_id: (await makeSession(ctx, app, user)).session },
})

export const refreshToken: Maker = async ({ ctx, app, user }) => ({
  body: { refresh_token: (await makeSession(ctx, app, user)).refresh },
})

/** Everybody but `anonymous` has an account to do things with. */
const accountOf = (world: World, caller: Caller): string | null =>
  caller === 'anonymous' ? null : world.sessions[caller].account.id

/** `user`, whom the caller follows. */
export const followedUser: Maker = async (world, caller) => {
  const follower_id = accountOf(world, caller)
  const follow = { follower_id: follower_id!, followee_id: world.user.id }
  if (follower_id !== null && caller !== 'user') await world.ctx.db.insertInto('follows').values(follow).execute()
  return { params: { user_id: world.user.id } }
}

/** `user`, whom the caller has blocked. */
export const blockedUser: Maker = async (world, caller) => {
  const blocker_id = accountOf(world, caller)
  const block = { blocker_id: blocker_id!, blocked_id: world.user.id }
  if (blocker_id !== null && caller !== 'user') await world.ctx.db.insertInto('blocks').values(block).execute()
  return { params: { user_id: world.user.id } }
}

/** A title on the caller's list, and on that of `user`, from which nobody else takes it. */
export const listedTitle =
  (list: 'watchlist' | 'favorites' | 'watched'): Maker =>
  async (world, caller) => {
    const { id: movie_id } = await makeTitle(world.ctx.db)
    const owners = new Set([world.user.id, accountOf(world, caller) ?? world.user.id])
    const rows = [...owners].map((user_id) => ({ user_id, movie_id, list }))
    await world.ctx.db.insertInto('list_titles').values(rows).execute()
    return { params: { movie_id } }
  }

/** The lists of `user`, which they show to nobody, or to their followers: `other user` is one. */
export const guardedList =
  (list: 'watchlist' | 'favorites' | 'watched', visibility: 'private' | 'followers'): Maker =>
  async ({ ctx, user, sessions }) => {
    const { id } = sessions['other user'].account
    await ctx.db.insertInto('list_privacy').values({ user_id: user.id, list, visibility }).execute()
    await ctx.db.insertInto('follows').values({ follower_id: id, followee_id: user.id }).execute()
    return { params: { user_id: user.id } }
  }

/** The same by somebody who has been blocked by `user`: `other user` is. */
export const afterBlock =
  (maker: Maker): Maker =>
  async (world, caller) => {
    const block = { blocker_id: world.user.id, blocked_id: world.sessions['other user'].account.id }
    await world.ctx.db
      .insertInto('blocks')
      .values(block)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return maker(world, caller)
  }

/** A link of a mail to an account of its own that has not been verified. */
async function link({ ctx }: World, purpose: 'verify_email' | 'reset_password'): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const { id } = await makeAccount(ctx.db, { is_verified: false })
  const columns = { token_hash: tokenHash(token), purpose, user_id: id }
  await ctx.db
    .insertInto('mail_tokens')
    .values({ ...columns, expires_at: sql`now() + interval '10 minutes'` as never })
    .execute()
  return token
}
export const verificationLink: Maker = async (world) => ({ params: { token: await link(world, 'verify_email') } })

/**
 * Hashing a new password takes a quarter of a second. So of those who get through one sends what does it all, beside all who
 * are refused; the others send what the service refuses (422) for its content.
 */
const whole = (caller: Caller, one: Caller): boolean => [one, 'broken token', 'expired', 'suspended'].includes(caller)

export const registration: Maker = (_world, caller) => ({
  body: {
    email: freshEmail(),
    password: whole(caller, 'anonymous') ? 'Ofada rice at Iya Basira' : 'rice',
    name: 'Adaeze Okafor',
  },
})
export const signIn: Maker = ({ user }, caller) => ({
  body: { email: whole(caller, 'anonymous') ? user.email : 'ada@nowhere', password: userPassword },
})
export const reset: Maker = async (world, caller) => ({
  body: {
    token: await link(world, 'reset_password'),
    password: whole(caller, 'anonymous') ? 'Ofada rice at Iya Basira' : 'rice',
  },
})
export const newPassword: Maker = (_world, caller) => ({
  body: {
    current_password: userPassword,
    new_password: whole(caller, 'user') || caller === 'anonymous' ? 'Ofada rice at Iya Basira' : '',
  },
})
export const erasure: Maker = () => ({ query: 'reviews=delete', body: { password: userPassword } })

/** A notification of `user`. */
export const notification: Maker = async ({ ctx, user }) => ({
  params: { notification_id: await makeNotification(ctx.db, { user_id: user.id }) },
})

export const unsubscribeLink: Maker = async ({ ctx }) => {
  const { id } = await makeAccount(ctx.db)
  return { query: `token=${unsubscribeToken(ctx.config, id, 'system')}`, body: {} }
}

export const newSubscription: Maker = () => ({
  body: { endpoint: `https://fcm.googleapis.com/fcm/send/${randomUUID()}`, keys: browser().keys },
})

/** A browser that `user` is told on. */
export const subscription: Maker = async ({ ctx, user }) => {
  const { p256dh, auth } = browser().keys
  const row = { user_id: user.id, endpoint: `https://fcm.googleapis.com/fcm/send/${randomUUID()}`, p256dh, auth }
  const { id } = await ctx.db.insertInto('push_subscriptions').values(row).returning('id').executeTakeFirstOrThrow()
  return { params: { subscription_id: id } }
}

export const announcement: Maker = async ({ ctx }) => {
  const row = { title: 'A new desk', body: 'For critics.', audience: 'critics' }
  const { id } = await ctx.db.insertInto('announcements').values(row).returning('id').executeTakeFirstOrThrow()
  return { params: { announcement_id: id } }
}
