import type { Ctx, Needs } from '../../context.ts'
import type { AccountPart } from '../../infra/account-parts.ts'
import { recordAudit } from '../../infra/audit.ts'
import type { Tx } from '../../infra/db.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { findAccount } from './account.queries.ts'
import { tryPassword } from './lockout.service.ts'
import { eraseUser, findAccountData, lockAccount, lockActiveAdmins } from './personal-data.queries.ts'
import type { ErasureBody, ErasureQuery } from './personal-data.schemas.ts'
import { lastAdmin, userNotFound, wrongPassword } from './user.errors.ts'

/** What every other domain holds of a person. */
export type AccountParts = readonly AccountPart[]

/** About so many characters are sent at a time. */
const chunkLength = 16_384

/** A list as JSON, in chunks. */
async function* arrayText(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  let text = '['
  let separator = ''
  for await (const row of rows) {
    text += separator + JSON.stringify(row)
    separator = ','
    if (text.length < chunkLength) continue
    yield text
    text = ''
  }
  yield `${text}]`
}

async function* exportText(
  ctx: Needs<'db' | 'config'>,
  account: { readonly id: string },
  parts: AccountParts,
): AsyncGenerator<string> {
  yield `{"exported_at":"${new Date().toISOString()}","account":${JSON.stringify(account)}`
  for (const { name, exportRows } of parts) {
    yield `,${JSON.stringify(name)}:`
    yield* arrayText(exportRows(ctx.db, account.id, ctx))
  }
  yield '}'
}

/**
 * Everything personal, as one JSON text in chunks, read from the database as they are asked for: an account of any size
 * takes the memory of one page of rows, and no connection while a chunk is on its way.
 */
export async function exportPersonalData(
  ctx: Needs<'db' | 'config'>,
  userId: string,
  parts: AccountParts,
): Promise<AsyncGenerator<string>> {
  const account = await findAccountData(ctx.db, userId)
  if (!account) throw userNotFound()
  return exportText(ctx, account, parts)
}

/**
 * Erases an account at once, with all that the parts hold of it. The password is checked before, since that takes long, and
 * must still be the same within.
 * @throws AppError 403 `wrong_password`, 404, 409 `last_admin`, 423 `account_locked` after too many wrong ones, 429
 */
export async function erasePersonalData(
  ctx: Ctx & { readonly requestId?: string; readonly client?: Client },
  actor: Actor,
  { password, reviews }: ErasureBody & ErasureQuery,
  parts: AccountParts,
): Promise<void> {
  const account = await findAccount(ctx.db, actor.id)
  if (!account) throw userNotFound()
  const { id, email_key: emailKey, password_hash } = account
  const attempted = { emailKey, accountId: id, actorId: id, failure: 'user.erasure_failed' } as const
  if (!(await tryPassword(ctx, attempted, () => ctx.passwords.verifyPassword(password, password_hash)))) {
    throw wrongPassword()
  }
  await eraseAccount(ctx, { ...actor, passwordHash: password_hash, actorId: actor.id, reviews }, parts)
}

/**
 * Erases somebody's account as they asked whoever runs this to do: who is suspended, or cannot sign in, has that right too.
 * @throws AppError 404, 409 `last_admin`
 */
export async function eraseForSomebody(
  ctx: Ctx,
  id: string,
  { reviews }: ErasureQuery,
  parts: AccountParts,
): Promise<void> {
  const account = await findAccountData(ctx.db, id)
  if (!account) throw userNotFound()
  await eraseAccount(ctx, { ...account, passwordHash: null, actorId: null, reviews }, parts)
}

interface Erasure extends ErasureQuery, Pick<Actor, 'id' | 'role'> {
  /** The hash that the password was checked against; null when it was not asked for. */
  readonly passwordHash: string | null
  /** Null for whoever runs this. */
  readonly actorId: string | null
}

/** Locks an account that may be erased. @throws AppError 403, 404, 409 */
async function lockErasable(tx: { readonly db: Tx }, { id, role, passwordHash }: Erasure): Promise<void> {
  if (role === 'admin') {
    const admins = await lockActiveAdmins(tx.db)
    if (admins.every((admin) => admin === id)) throw lastAdmin()
  }
  if (!(await lockAccount(tx.db, id, passwordHash))) throw passwordHash === null ? userNotFound() : wrongPassword()
}

/**
 * What may be too much for one transaction goes ahead of it, once it is clear that the account may be erased. Whatever stops
 * it half-way leaves an account that can be erased again.
 */
async function eraseAccount(
  ctx: Ctx & { readonly requestId?: string },
  erasure: Erasure,
  parts: AccountParts,
): Promise<void> {
  const { id, actorId, reviews } = erasure
  await inTx(ctx, (tx) => lockErasable(tx, erasure))
  for (const part of parts) await part.eraseAhead?.(ctx, id)
  await inTx(ctx, async (tx) => {
    await lockErasable(tx, erasure)
    for (const part of parts) await part.erase(tx, id, { reviews })
    await eraseUser(tx.db, id)
    // From where is not told any more: nothing of the person is left.
    const told = { db: tx.db, requestId: tx.requestId }
    await recordAudit(told, { action: 'user.erased', actorId, targetId: id, details: { reviews } })
  })
}
