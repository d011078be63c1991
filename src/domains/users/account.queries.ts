import { type Insertable, sql } from 'kysely'
import type { DB } from '../../../db/types.ts'
import { onViolation } from '../../infra/constraints.ts'
import { type Db, named, type Tx } from '../../infra/db.ts'
import { emailTaken } from './account.errors.ts'

const accountColumns = ['id', 'email', 'name', 'avatar_url', 'role', 'is_verified', 'created_at'] as const

/** Whether an account is suspended at this moment. */
const isSuspended = sql<boolean>`suspended_at is not null and coalesce(suspended_until > clock_timestamp(), true)`

/** What signing in looks at, beside what it shows. */
const signInColumns = [
  ...accountColumns,
  'email_key',
  'password_hash',
  'suspended_until',
  'suspension_reason',
  isSuspended.as('is_suspended'),
] as const

type NewAccount = Pick<Insertable<DB['users']>, 'email' | 'email_key' | 'password_hash' | 'name'>

export const insertAccount = (db: Tx, account: NewAccount) =>
  onViolation(
    { users_email_key_key: emailTaken },
    db
      .insertInto('users')
      .modifyEnd(named('insertAccount'))
      .values(account)
      .returning(accountColumns)
      .executeTakeFirstOrThrow(),
  )

export const findAccountByEmail = (db: Db, emailKey: string) =>
  db
    .selectFrom('users')
    .modifyFront(named('findAccountByEmail'))
    .select(signInColumns)
    .where('email_key', '=', emailKey)
    .executeTakeFirst()

export const findAccount = (db: Db, id: string) =>
  db.selectFrom('users').modifyFront(named('findAccount')).select(signInColumns).where('id', '=', id).executeTakeFirst()

export const updatePasswordHash = (db: Tx, id: string, hash: string) =>
  db
    .updateTable('users')
    .modifyEnd(named('updatePasswordHash'))
    .set({ password_hash: hash, updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()

export const lockPasswordHash = (db: Tx, id: string, hash: string) =>
  db
    .selectFrom('users')
    .modifyFront(named('lockPasswordHash'))
    .select('id')
    .where('id', '=', id)
    .where('password_hash', '=', hash)
    .forNoKeyUpdate()
    .executeTakeFirst()

/** @returns the account, if it was not verified before */
export const markVerified = (db: Tx, id: string) =>
  db
    .updateTable('users')
    .modifyEnd(named('markVerified'))
    .set({ is_verified: true, updated_at: sql`now()` })
    .where('id', '=', id)
    .where('is_verified', '=', false)
    .returning('id')
    .executeTakeFirst()
