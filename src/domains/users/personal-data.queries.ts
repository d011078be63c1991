import { type Db, named, type Tx } from '../../infra/db.ts'

/** All that the account itself holds, but for its password. */
export const findAccountData = (db: Db, userId: string) =>
  db
    .selectFrom('users')
    .modifyFront(named('findAccountData'))
    .select(['id', 'email', 'email_key', 'name', 'bio', 'location', 'avatar_url', 'role', 'is_verified'])
    .select(['suspended_at', 'suspended_until', 'suspension_reason', 'created_at', 'updated_at'])
    .where('id', '=', userId)
    .executeTakeFirst()

/**
 * Locks the admins, always in the same order, so that of two who leave at once the second knows of the first.
 * @returns those who can act as such
 */
export async function lockActiveAdmins(tx: Tx): Promise<string[]> {
  const admins = await tx
    .selectFrom('users')
    .modifyFront(named('lockActiveAdmins'))
    .select(['id', 'suspended_at'])
    .where('role', '=', 'admin')
    .orderBy('id')
    .forUpdate()
    .execute()
  return admins.filter(({ suspended_at }) => suspended_at === null).map(({ id }) => id)
}

/**
 * Locks an account as it was when its password was checked, or (null) as it is: nothing can come to refer to it any more.
 * @returns whether it still is so
 */
export async function lockAccount(tx: Tx, userId: string, passwordHash: string | null): Promise<boolean> {
  const account = await tx
    .selectFrom('users')
    .modifyFront(named('lockAccount'))
    .select('id')
    .where('id', '=', userId)
    .$if(passwordHash !== null, (query) => query.where('password_hash', '=', passwordHash!))
    .forUpdate()
    .executeTakeFirst()
  return account !== undefined
}

/** Deletes an account, with all that hangs on it, and keeps its id from ever being given again. */
export async function eraseUser(tx: Tx, userId: string): Promise<void> {
  await tx.insertInto('erased_users').modifyEnd(named('keepErasedId')).values({ id: userId }).execute()
  await tx.deleteFrom('users').modifyEnd(named('eraseUser')).where('id', '=', userId).execute()
}
