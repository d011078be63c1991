import type { Db, Tx } from './db.ts'

/** A context whose `db` is a transaction. Hooks given to afterCommit run once it has committed, in order; never on rollback. */
export type TxCtx<C> = Omit<C, 'db'> & { readonly db: Tx; readonly afterCommit: (hook: () => Promise<void>) => void }

type WithDb = { readonly db: Db | Tx }

const isTxCtx = <C extends WithDb>(ctx: C | TxCtx<C>): ctx is TxCtx<C> => ctx.db.isTransaction && 'afterCommit' in ctx

/**
 * Runs `work` in a transaction; a call inside one joins it.
 * The transaction has committed by the time a hook throws: the other hooks run all the same, then its error is thrown.
 */
export async function inTx<C extends WithDb, T>(ctx: C, work: (tx: TxCtx<C>) => Promise<T>): Promise<T> {
  if (isTxCtx(ctx)) return work(ctx)
  const hooks: Array<() => Promise<void>> = []
  const afterCommit = (hook: () => Promise<void>): void => {
    hooks.push(hook)
  }
  const result = await ctx.db.transaction().execute((db) => work({ ...ctx, db, afterCommit }))
  const failures: unknown[] = []
  for (const hook of hooks) await hook().catch((error) => failures.push(error))
  if (failures.length > 0) throw failures[0]
  return result
}
