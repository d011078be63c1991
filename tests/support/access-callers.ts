import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import type { App } from '../../src/http/app-type.ts'
import { deriveKey } from '../../src/infra/secrets.ts'
import { bearer, makeAccount, makeSession } from './account-factory.ts'
import type { TestContext } from './context.ts'
import { makeTitle } from './factories.ts'
import { makeNotification } from './notification-factory.ts'
import { makeReview } from './review-factory.ts'
import { userPasswordHash } from './user-factory.ts'

/** Who asks, in the order of what they may. What belongs to somebody in the access matrix belongs to `user`. */
export const callers = [
  'anonymous',
  'broken token',
  'expired',
  'suspended',
  'unverified',
  'user',
  'other user',
  'critic',
  'moderator',
  'admin',
] as const
export type Caller = (typeof callers)[number]

type Session = Awaited<ReturnType<typeof makeSession>>

/** The callers, signed in over the real database, and a few things of `user`. */
export interface World {
  readonly ctx: TestContext
  readonly app: App
  readonly sessions: Readonly<Record<Exclude<Caller, 'anonymous'>, Session>>
  readonly headersOf: (caller: Caller) => Readonly<Record<string, string>>
  readonly user: Session['account']
  /** A review by `user` that waits for a moderator. */
  readonly pending: { readonly id: string; readonly movie_id: string; readonly review_text: string }
  /** What `user` wrote to the moderators with a report. */
  readonly reportNote: string
  /** Ids of a title that is on every list of `user`, of whom they have blocked, and of what somebody whom they follow loves. */
  readonly listed: string
  readonly blocked: string
  readonly lovedByFollowed: string
  /** What `user` was told by a moderator. */
  readonly notified: string
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())

/** The token as it would be a quarter of an hour later: signed by the same key, and over since a second. */
function expired(ctx: TestContext, token: string): string {
  const [head = '', claims = ''] = token.split('.')
  const exp = Math.floor(Date.now() / 1_000) - 1
  const input = `${head}.${encode({ ...decode(claims), iat: exp - 900, exp })}`
  const key = deriveKey(ctx.config, 'access token', decode(head).kid)
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

const broken = (token: string): string => `${token.slice(0, -5)}${token.at(-5) === 'A' ? 'B' : 'A'}${token.slice(-4)}`

/** Whoever is refused for their token alone is an admin otherwise: nothing else would stop them. */
async function signInAll(ctx: TestContext, app: App): Promise<World['sessions']> {
  // Accounts of some age, as most are: automatic moderation looks harder at new ones. Their hash costs little to check.
  const usual = { created_at: '2025-01-01T00:00:00Z', password_hash: userPasswordHash }
  const made = async (columns: Parameters<typeof makeAccount>[1] = {}): Promise<Session> =>
    makeSession(ctx, app, await makeAccount(ctx.db, { ...usual, ...columns }))
  return {
    'broken token': await made({ role: 'admin' }),
    expired: await made({ role: 'admin' }),
    suspended: await made({ role: 'admin', suspended_at: sql`now()` as never }),
    unverified: await made({ is_verified: false }),
    user: await made(),
    'other user': await made(),
    critic: await made({ role: 'critic' }),
    moderator: await made({ role: 'moderator' }),
    admin: await made({ role: 'admin' }),
  }
}

const waiting = JSON.stringify({ score: 0.7, reasons: [{ code: 'insult', note: 'Words that insult.' }] })

/** What `user` has to do with other people and with titles. */
async function makeCircle({ db }: TestContext, user: string) {
  const [followed, blocked] = [await makeAccount(db), await makeAccount(db)]
  const [listed, loved] = [await makeTitle(db), await makeTitle(db)]
  await db.insertInto('follows').values({ follower_id: user, followee_id: followed.id }).execute()
  await db.insertInto('blocks').values({ blocker_id: user, blocked_id: blocked.id }).execute()
  const lists = (['watchlist', 'favorites', 'watched'] as const).map((list) => ({
    ...{ user_id: user, movie_id: listed.id, list },
  }))
  const love = { user_id: followed.id, movie_id: loved.id, list: 'favorites' } as const
  await db
    .insertInto('list_titles')
    .values([...lists, love])
    .execute()
  const notified = `Told word for word: ${user}`
  await makeNotification(db, { user_id: user, data: JSON.stringify({ notice: 'warning', reason: notified }) })
  return { listed: listed.id, blocked: blocked.id, lovedByFollowed: loved.id, notified }
}

export async function makeWorld(ctx: TestContext, app: App): Promise<World> {
  const sessions = await signInAll(ctx, app)
  const user = sessions.user.account
  const headersOf = (caller: Caller) => {
    if (caller === 'anonymous') return {}
    if (caller === 'broken token') return bearer(broken(sessions[caller].access))
    if (caller === 'expired') return bearer(expired(ctx, sessions[caller].access))
    return sessions[caller].headers
  }
  const pending = await makeReview(ctx.db, { user_id: user.id, moderation_status: 'pending', assessment: waiting })
  const reported = await makeReview(ctx.db)
  const reportNote = `Seen word for word elsewhere: ${user.id}`
  const report = { review_id: reported.id, reporter_id: user.id, reason: 'spam', note: reportNote } as const
  await ctx.db
    .insertInto('reports')
    .values({ ...report, in_good_standing: true })
    .execute()
  return { ctx, app, sessions, headersOf, user, pending, reportNote, ...(await makeCircle(ctx, user.id)) }
}
