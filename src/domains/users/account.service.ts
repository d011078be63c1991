import type { Needs } from '../../context.ts'
import type { Db, Tx } from '../../infra/db.ts'
import { isReserved } from '../../lib/demo-accounts.ts'
import { emailTaken } from './account.errors.ts'
import {
  findAccount,
  findAccountByEmail,
  insertAccount,
  lockPasswordHash,
  markVerified,
  updatePasswordHash,
} from './account.queries.ts'

type InTx = { readonly db: Tx }

/** An account with what signing in must know of it. */
export type SignInAccount = NonNullable<Awaited<ReturnType<typeof findAccount>>>

/** @throws AppError 409 `email_taken`, for a demo account's address also where there is none */
export async function openAccount(tx: InTx, account: Parameters<typeof insertAccount>[1]) {
  if (isReserved(account.email_key)) throw emailTaken()
  return insertAccount(tx.db, account)
}

export const accountByEmail = (ctx: { readonly db: Db }, emailKey: string): Promise<SignInAccount | undefined> =>
  findAccountByEmail(ctx.db, emailKey)

export const accountById = (ctx: Needs<'db'>, id: string): Promise<SignInAccount | undefined> => findAccount(ctx.db, id)

/** Gives an account another password. */
export const replacePassword = (tx: InTx, id: string, hash: string) => updatePasswordHash(tx.db, id, hash)

/** Keeps the password from changing until the transaction ends. @returns false when it is not `hash` any more */
export const lockPassword = async (tx: InTx, id: string, hash: string): Promise<boolean> =>
  (await lockPasswordHash(tx.db, id, hash)) !== undefined

/** Somebody has shown that they read mail at the address. @returns whether that is news */
export const verifyAccount = async (tx: InTx, id: string): Promise<boolean> =>
  (await markVerified(tx.db, id)) !== undefined
