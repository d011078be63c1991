import pg from 'pg'
import type { Db, Tx } from './db.ts'
import { isOutdatedPlan } from './preparing-client.ts'

/** A context whose `db` is a transaction. Hooks given to afterCommit run once it has committed, in order; never on rollback. */
export type TxCtx<C> = Omit<C, 'db'> & { readonly db: Tx; readonly afterCommit: (hook: () => Promise<void>) => void }

type WithDb = { readonly db: Db | Tx }
type Hook = () => Promise<void>

const isTxCtx = <C extends WithDb>(ctx: C | TxCtx<C>): ctx is TxCtx<C> => ctx.db.isTransaction && 'afterCommit' in ctx

/** Serialization failures, deadlocks and plans from before a migration say nothing against the work, only against the moment. */
const isMomentary = (error: unknown): boolean =>
  (error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01')) || isOutdatedPlan(error)

async function attempt<C extends WithDb, T>(ctx: C, work: (tx: TxCtx<C>) => Promise<T>): Promise<[T, Hook[]]> {
  const hooks: Hook[] = []
  const afterCommit = (hook: Hook): void => {
    hooks.push(hook)
  }
  return [await ctx.db.transaction().execute((db) => work({ ...ctx, db, afterCommit })), hooks]
}

/**
 * Runs `work` in a transaction; a call inside one joins it. After a deadlock or a serialization failure it is run once
 * more from its beginning, so it does nothing outside the transaction but by afterCommit.
 * The transaction has committed by the time a hook throws: the other hooks run all the same, then its error is thrown.
 */
export async function inTx<C extends WithDb, T>(ctx: C, work: (tx: TxCtx<C>) => Promise<T>): Promise<T> {
  if (isTxCtx(ctx)) return work(ctx)
  const [result, hooks] = await attempt(ctx, work).catch((error) => {
    if (!isMomentary(error)) throw error
    return attempt(ctx, work)
  })
  const failures: unknown[] = []
  for (const hook of hooks) await hook().catch((error) => failures.push(error))
  if (failures.length > 0) throw failures[0]
  return result
}
