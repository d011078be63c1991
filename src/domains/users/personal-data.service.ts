import type { Ctx, Needs } from '../../context.ts'
import type { AccountPart } from '../../infra/account-parts.ts'
import { recordAudit } from '../../infra/audit.ts'
import type { Db } from '../../infra/db.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { eraseUser, findAccountData, findPasswordHash, lockAccount, lockActiveAdmins } from './personal-data.queries.ts'
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

async function* exportText(db: Db, account: { readonly id: string }, parts: AccountParts): AsyncGenerator<string> {
  yield `{"exported_at":"${new Date().toISOString()}","account":${JSON.stringify(account)}`
  for (const { name, exportRows } of parts) {
    yield `,${JSON.stringify(name)}:`
    yield* arrayText(exportRows(db, account.id))
  }
  yield '}'
}

/**
 * Everything personal, as one JSON text in chunks, read from the database as they are asked for: an account of any size
 * takes the memory of one page of rows, and no connection while a chunk is on its way.
 */
export async function exportPersonalData(
  ctx: Needs<'db'>,
  userId: string,
  parts: AccountParts,
): Promise<AsyncGenerator<string>> {
  const account = await findAccountData(ctx.db, userId)
  if (!account) throw userNotFound()
  return exportText(ctx.db, account, parts)
}

/**
 * Erases an account at once, with all that the parts hold of it, in one transaction. The password is checked before,
 * since that takes long, and must still be the same within.
 */
export async function erasePersonalData(
  ctx: Ctx & { readonly requestId?: string; readonly client?: Client },
  actor: Actor,
  { password, reviews }: ErasureBody & ErasureQuery,
  parts: AccountParts,
): Promise<void> {
  const account = await findPasswordHash(ctx.db, actor.id)
  if (!account) throw userNotFound()
  const { password_hash } = account
  if (!(await ctx.passwords.verifyPassword(password, password_hash))) {
    await inTx(ctx, (tx) => recordAudit(tx, { action: 'user.erasure_failed', actorId: actor.id, targetId: actor.id }))
    throw wrongPassword()
  }
  await inTx(ctx, async (tx) => {
    if (actor.role === 'admin') {
      const admins = await lockActiveAdmins(tx.db)
      if (admins.every((id) => id === actor.id)) throw lastAdmin()
    }
    if (!(await lockAccount(tx.db, actor.id, password_hash))) throw wrongPassword()
    for (const part of parts) await part.erase(tx, actor.id, { reviews })
    await eraseUser(tx.db, actor.id)
    // From where is not told any more: nothing of the person is left.
    const told = { db: tx.db, requestId: ctx.requestId }
    await recordAudit(told, { action: 'user.erased', actorId: actor.id, targetId: actor.id, details: { reviews } })
  })
}
