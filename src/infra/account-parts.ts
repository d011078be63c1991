import type { Ctx, Needs } from '../context.ts'
import type { Db } from './db.ts'
import type { TxCtx } from './tx.ts'

/** What happens to the reviews of an account that is erased: they stay under nobody's name, or they go. */
export type ReviewChoice = 'anonymise' | 'delete'

/** The transaction that erases, with all that a part may have to tell once it has committed. */
export type ErasureTx = TxCtx<Ctx & { readonly requestId?: string }>

/**
 * What a domain holds of a person, beside the account itself. Every domain that keeps something of people contributes
 * one part for each kind of thing, so that an export has all of it and erasing leaves none of it.
 */
export interface AccountPart {
  /** Its key in the export: a plural noun in snake_case, such as `reviews`. */
  readonly name: string
  /** What it holds, for the documentation of the API. */
  readonly description: string
  /** All that is held, the oldest first, in pages: see `rowsInPages`. Never a password, a token or a hash of one. */
  readonly exportRows: (db: Db, userId: string) => AsyncIterable<unknown>
  /**
   * Erases or anonymises it, within the transaction that deletes the account; the account is still there, and locked.
   * What hangs on the account by `on delete cascade` goes by itself. Caches are forgotten in `tx.afterCommit`.
   */
  readonly erase: (tx: ErasureTx, userId: string, choice: { readonly reviews: ReviewChoice }) => Promise<void>
  /**
   * Takes away ahead of that, in transactions of its own, what may be too much for one (see `inBatches`). It does not come
   * back where the account is not deleted after all, and can be asked for again; what comes meanwhile is left to `erase`.
   */
  readonly eraseAhead?: (ctx: Needs<'db'>, userId: string) => Promise<void>
}

/** Rows that one transaction takes away: each locks the counts of as many others. */
const batchSize = 1_000

/**
 * Takes rows away batch by batch, until there are none.
 * @param take takes at most `limit` rows away, and commits. @returns how many it took
 */
export async function inBatches(take: (limit: number) => Promise<number>): Promise<void> {
  while ((await take(batchSize)) > 0);
}

const pageSize = 500

/**
 * Rows page by page, each asked for when the one before is used up: whoever reads slowly holds neither memory nor a
 * connection.
 * @param page at most `limit` rows after a row, in a fixed order that no row leaves
 */
export async function* rowsInPages<Row>(
  page: (after: Row | undefined, limit: number) => Promise<readonly Row[]>,
  limit = pageSize,
): AsyncGenerator<Row> {
  let after: Row | undefined
  do {
    const rows = await page(after, limit)
    yield* rows
    after = rows.length < limit ? undefined : rows.at(-1)
  } while (after !== undefined)
}
