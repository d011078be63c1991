import { sql } from 'kysely'
import { defineError } from '../lib/errors.ts'
import type { Db, Tx } from './db.ts'

export const idempotencyKeyReused = defineError(
  'idempotency_key_reused',
  422,
  'This Idempotency-Key was sent with another request: take a new one.',
)

/** A request as it is told apart from others. */
export interface OnceKey {
  readonly userId: string
  readonly key: string
  /** SHA-256 of all that the request asks for. */
  readonly requestHash: Buffer
}

/** An answer, and whether it was given before. */
export interface Once<T> {
  readonly answer: T
  readonly replayed: boolean
}

/** Takes the key; a second request waits here until the first has committed. One that is a day old may be taken again. */
async function takeKey(db: Tx, { userId, key, requestHash }: OnceKey): Promise<boolean> {
  const { rows } = await sql`
    /* takeIdempotencyKey prepared */
    insert into idempotency_keys as k (user_id, key, request_hash)
    values (${userId}::uuid, ${key}, ${requestHash})
    on conflict (user_id, key) do update
    set request_hash = excluded.request_hash, answer = null, created_at = now()
    where k.created_at < now() - interval '24 hours'
    returning 1 as taken`.execute(db)
  return rows.length > 0
}

/**
 * Does the work of a request once, in the transaction that it is given: sent again under its key within 24 hours it
 * answers what it answered before, and does nothing. What fails is not kept, since nothing of it was done.
 * @param once absent when the request came without a key: the work is done
 * @param work answers something that JSON can hold
 * @throws AppError 422 when the key was another request's
 */
export async function doOnce<T>(
  tx: { readonly db: Tx },
  once: OnceKey | undefined,
  work: () => Promise<T>,
): Promise<Once<T>> {
  if (once === undefined) return { answer: await work(), replayed: false }
  const { userId, key, requestHash } = once
  if (await takeKey(tx.db, once)) {
    const answer = await work()
    await sql`
      /* keepIdempotentAnswer prepared */
      update idempotency_keys set answer = ${JSON.stringify(answer)}
      where user_id = ${userId}::uuid and key = ${key}`.execute(tx.db)
    return { answer, replayed: false }
  }
  const { rows } = await sql<{ request_hash: Buffer; answer: string }>`
    /* findIdempotentAnswer */
    select request_hash, answer from idempotency_keys
    where user_id = ${userId}::uuid and key = ${key}`.execute(tx.db)
  const [kept] = rows
  if (!kept?.request_hash.equals(requestHash)) throw idempotencyKeyReused()
  return { answer: JSON.parse(kept.answer) as T, replayed: true }
}

const pruneBatch = 5_000

/** Forgets answers that are a day old. @returns how many */
export async function pruneIdempotencyKeys({ db }: { readonly db: Db }): Promise<number> {
  let pruned = 0
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      /* pruneIdempotencyKeys */
      delete from idempotency_keys where ctid = any (array(
        select ctid from idempotency_keys where created_at < now() - interval '24 hours' order by created_at limit ${pruneBatch}))`.execute(
      db,
    )
    pruned += Number(numAffectedRows)
    if (numAffectedRows < pruneBatch) return pruned
  }
}
