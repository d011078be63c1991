import { type ExpressionBuilder, sql } from 'kysely'
import type { DB } from '../../../db/types.ts'
import { type Db, named, type Tx } from '../../infra/db.ts'
import type { Client } from '../../lib/client.ts'
import type { Session } from './session.schemas.ts'

/** Days that a session lives without being refreshed, which is what a refresh token lives. */
export const sessionDays = 30
const expiry = sql<string>`now() + make_interval(days => ${sql.lit(sessionDays)})`

/** The key that signs: the newest that is not retired. */
const newestKid = sql<string>`(
  select kid from signing_keys where retired_at is null order by created_at desc, kid desc limit 1)`.as('kid')

const deviceOf = (client: Client) => ({
  user_agent: client.userAgent,
  address: client.address,
})

export const insertSession = (db: Tx, userId: string, client: Client) =>
  db
    .insertInto('sessions')
    .modifyEnd(named('insertSession'))
    .values({ user_id: userId, expires_at: expiry, ...deviceOf(client) })
    .returning(['id', newestKid])
    .executeTakeFirstOrThrow()

/** It was used, by whoever asks, and lives on. @returns the key that signs */
export const touchSession = (db: Tx, id: string, client: Client) =>
  db
    .updateTable('sessions')
    .modifyEnd(named('touchSession'))
    .set({ last_used_at: sql`now()`, expires_at: expiry, ...deviceOf(client) })
    .where('id', '=', id)
    .returning(newestKid)
    .executeTakeFirstOrThrow()

/** The sessions to end: those of an account, one of them, or all but one. */
export interface SessionsToEnd {
  readonly userId: string
  readonly only?: string
  readonly except?: string | undefined
  readonly reason: string
}

/** Ends live sessions: from the next request on their access tokens are worth nothing. @returns which there were */
export const endSessions = (db: Tx, { userId, only, except, reason }: SessionsToEnd) =>
  db
    .updateTable('sessions')
    .modifyEnd(named('endSessions'))
    .set({ ended_at: sql`now()`, end_reason: reason })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .$if(only !== undefined, (query) => query.where('id', '=', only!))
    .$if(except !== undefined, (query) => query.where('id', '<>', except!))
    .returning('id')
    .execute()

/** Who is signed in where, at this moment. */
const isLive = (userId: string) => (where: ExpressionBuilder<DB, 'sessions'>) =>
  where.and([
    where('user_id', '=', userId),
    where('ended_at', 'is', null),
    where('expires_at', '>', sql<string>`now()`),
  ])

export interface SessionPosition {
  readonly last_used_at: string
  readonly id: string
}

/** The last used first. */
export const listSessions = (db: Db, userId: string, rows: number, after: SessionPosition | null) =>
  db
    .selectFrom('sessions')
    .modifyFront(named('listSessions'))
    .select(['id', 'user_agent', sql<string | null>`host(address)`.as('address'), 'created_at', 'last_used_at'])
    .where(isLive(userId))
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(last_used_at, id) < (${after!.last_used_at}::timestamptz, ${after!.id}::uuid)`),
    )
    .orderBy('last_used_at', 'desc')
    .orderBy('id', 'desc')
    .limit(rows)
    .execute() satisfies Promise<Omit<Session, 'is_current'>[]>

export async function countSessions(db: Db, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('sessions')
    .modifyFront(named('countSessions'))
    .select((select) => select.fn.countAll<number>().as('count'))
    .where(isLive(userId))
    .executeTakeFirstOrThrow()
  return count
}

/** Device and address of one session, for a notice about it. */
export const findSession = (db: Db, id: string) =>
  db
    .selectFrom('sessions')
    .modifyFront(named('findSession'))
    .select(['user_id', 'user_agent', sql<string | null>`host(address)`.as('address'), 'created_at'])
    .where('id', '=', id)
    .executeTakeFirst()
