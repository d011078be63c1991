import { sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'

/** Seconds within which a used token still leads to the one that took its place: two tabs may refresh at once. */
export const graceSeconds = 10

export const insertRefreshToken = (db: Tx, tokenHash: Buffer, sessionId: string) =>
  db
    .insertInto('refresh_tokens')
    .modifyEnd(named('insertRefreshToken'))
    .values({ token_hash: tokenHash, session_id: sessionId })
    .execute()

/** Lets one at a time use the tokens of a family. @returns the family's session; undefined when nobody has this token */
export const lockFamily = (db: Tx, tokenHash: Buffer) =>
  db
    .selectFrom('sessions')
    .modifyFront(named('lockFamily'))
    .select(['id', 'user_id', 'ended_at', sql<boolean>`expires_at <= clock_timestamp()`.as('is_expired')])
    .where('id', '=', (select) =>
      select.selectFrom('refresh_tokens').select('session_id').where('token_hash', '=', tokenHash),
    )
    .forUpdate()
    .executeTakeFirst()

/** How a token stands. To be asked once its family is locked: before, it may be about to be used. */
export const getRefreshToken = (db: Tx, tokenHash: Buffer) =>
  db
    .selectFrom('refresh_tokens as t')
    .modifyFront(named('getRefreshToken'))
    .select([
      sql<boolean>`t.used_at is not null`.as('is_used'),
      sql<boolean>`t.used_at > clock_timestamp() - make_interval(secs => ${sql.lit(graceSeconds)})`.as('is_in_grace'),
    ])
    .select((select) =>
      select
        .selectFrom('refresh_tokens as live')
        .select('live.token_hash')
        .whereRef('live.session_id', '=', 't.session_id')
        .where('live.used_at', 'is', null)
        .as('live_hash'),
    )
    .where('t.token_hash', '=', tokenHash)
    .executeTakeFirstOrThrow()

export const markUsed = (db: Tx, tokenHash: Buffer) =>
  db
    .updateTable('refresh_tokens')
    .modifyEnd(named('markRefreshTokenUsed'))
    .set({ used_at: sql`clock_timestamp()` })
    .where('token_hash', '=', tokenHash)
    .execute()

/** The live session that a token belongs to, used or not: whoever holds one may end it. */
export const findFamily = (db: Db, tokenHash: Buffer) =>
  db
    .selectFrom('refresh_tokens as t')
    .modifyFront(named('findFamily'))
    .innerJoin('sessions as s', 's.id', 't.session_id')
    .select(['s.id', 's.user_id'])
    .where('t.token_hash', '=', tokenHash)
    .where('s.ended_at', 'is', null)
    .executeTakeFirst()
