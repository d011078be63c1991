import { sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'

export type MailTokenPurpose = 'verify_email' | 'reset_password' | 'secure_account'

/** What a token must be for to be taken. */
export const verifying: readonly MailTokenPurpose[] = ['verify_email']
export const resetting: readonly MailTokenPurpose[] = ['reset_password', 'secure_account']

export interface NewMailToken {
  readonly token_hash: Buffer
  readonly purpose: MailTokenPurpose
  readonly user_id: string
  readonly minutes: number
  /** How many an account may get in an hour. */
  readonly mostHourly: number
}

/** Keeps a token; one that is kept already stays as it is. @returns false when the account has had too many lately */
export async function keepMailToken(db: Db, token: NewMailToken): Promise<boolean> {
  const { token_hash, purpose, user_id, minutes, mostHourly } = token
  const { rows } = await sql`
    /* keepMailToken */
    insert into mail_tokens as t (token_hash, purpose, user_id, expires_at)
    select ${token_hash}::bytea, ${purpose}::mail_token_purpose, ${user_id}::uuid,
      now() + make_interval(mins => ${minutes}::integer)
    where (
      select count(*) from mail_tokens
      where user_id = ${user_id}::uuid and purpose = ${purpose}::mail_token_purpose
        and created_at > now() - interval '1 hour' and token_hash <> ${token_hash}
    ) < ${mostHourly}::integer
    on conflict (token_hash) do update set purpose = t.purpose
    returning token_hash`.execute(db)
  return rows.length === 1
}

/** Whose token it is, while it is good. */
export const findTokenOwner = (db: Db, tokenHash: Buffer, purposes: readonly MailTokenPurpose[]) =>
  db
    .selectFrom('mail_tokens')
    .modifyFront(named('findTokenOwner'))
    .select(['user_id', 'used_at'])
    .where('token_hash', '=', tokenHash)
    .where('purpose', 'in', [...purposes])
    .where('expires_at', '>', sql<string>`now()`)
    .executeTakeFirst()

/** Uses a token up. @returns whose it was; undefined when it was used before, has expired or never was */
export const useMailToken = (db: Tx, tokenHash: Buffer, purposes: readonly MailTokenPurpose[]) =>
  db
    .updateTable('mail_tokens')
    .modifyEnd(named('useMailToken'))
    .set({ used_at: sql`now()` })
    .where('token_hash', '=', tokenHash)
    .where('purpose', 'in', [...purposes])
    .where('used_at', 'is', null)
    .where('expires_at', '>', sql<string>`now()`)
    .returning('user_id')
    .executeTakeFirst()

/** Makes an account's other links to the same end worthless. */
export const voidMailTokens = (db: Tx, userId: string, purposes: readonly MailTokenPurpose[]) =>
  db
    .updateTable('mail_tokens')
    .modifyEnd(named('voidMailTokens'))
    .set({ used_at: sql`now()` })
    .where('user_id', '=', userId)
    .where('purpose', 'in', [...purposes])
    .where('used_at', 'is', null)
    .execute()
