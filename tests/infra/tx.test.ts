import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Db, openDb } from '../../src/infra/db.ts'
import { openLog } from '../../src/infra/logger.ts'
import { openMetrics } from '../../src/infra/metrics.ts'
import { inTx, type TxCtx } from '../../src/infra/tx.ts'
import { cloneDatabase } from '../support/databases.ts'

type Ctx = { readonly db: Db; readonly note: string }
let ctx: Ctx

beforeAll(async () => {
  const url = await cloneDatabase()
  const log = openLog({ LOG_LEVEL: 'silent' })
  const { db } = openDb({ url, max: 3, applicationName: 'test', log, metrics: openMetrics() })
  ctx = { db, note: 'kept' }
})
afterAll(() => ctx.db.destroy())
beforeEach(() => ctx.db.deleteFrom('languages').execute())

const add = ({ db }: { db: Ctx['db'] | TxCtx<Ctx>['db'] }, code: string) =>
  db.insertInto('languages').values({ code, name: code }).execute()
/** What everybody else sees. */
const codes = async (): Promise<string[]> =>
  (await ctx.db.selectFrom('languages').select('code').orderBy('code').execute()).map(({ code }) => code)

describe('a transaction', () => {
  it('commits what was done, and answers what the work answered', async () => {
    const answer = await inTx(ctx, async (tx) => {
      await add(tx, 'yo')
      expect(await codes()).toEqual([])
      return tx.note
    })
    expect(answer).toBe('kept')
    expect(await codes()).toEqual(['yo'])
  })

  it('undoes all of it when the work throws, and throws the same', async () => {
    const reason = new Error('no')
    const work = inTx(ctx, async (tx) => {
      await add(tx, 'yo')
      throw reason
    })
    await expect(work).rejects.toBe(reason)
    expect(await codes()).toEqual([])
  })

  it('is joined by one inside it', async () => {
    const work = inTx(ctx, async (outer) => {
      await add(outer, 'yo')
      await inTx(outer, async (inner) => {
        expect(inner).toBe(outer)
        await add(inner, 'ig')
      })
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await codes()).toEqual([])
  })

  it('stands apart from another that runs at the same time', async () => {
    const both = await Promise.allSettled([
      inTx(ctx, (tx) => add(tx, 'yo')),
      inTx(ctx, async (tx) => {
        await add(tx, 'ig')
        throw new Error('no')
      }),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await codes()).toEqual(['yo'])
  })
})

describe('an afterCommit hook', () => {
  it('runs in order once everybody sees the change, those of a joined one too', async () => {
    const seen: unknown[] = []
    await inTx(ctx, async (outer) => {
      outer.afterCommit(async () => void seen.push('first', await codes()))
      await inTx(outer, async (inner) => {
        inner.afterCommit(async () => void seen.push('second'))
        await add(inner, 'ig')
      })
      outer.afterCommit(async () => void seen.push('third'))
      await add(outer, 'yo')
      expect(seen).toEqual([])
    })
    expect(seen).toEqual(['first', ['ig', 'yo'], 'second', 'third'])
  })

  it('does not run when the work throws', async () => {
    const seen: string[] = []
    const work = inTx(ctx, async (tx) => {
      tx.afterCommit(async () => void seen.push('ran'))
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(seen).toEqual([])
  })

  it('does not run when the commit fails', async () => {
    const seen: string[] = []
    const work = inTx(ctx, async (tx) => {
      tx.afterCommit(async () => void seen.push('ran'))
      await add(tx, 'yo')
      // Swallowing an error of Postgres leaves a transaction that can only be rolled back.
      await add(tx, 'yo').catch(() => {})
    })
    await work.catch(() => {})
    expect(await codes()).toEqual([])
    expect(seen).toEqual([])
  })

  it('does not keep the next from running when it throws', async () => {
    const seen: string[] = []
    const work = inTx(ctx, async (tx) => {
      await add(tx, 'yo')
      tx.afterCommit(async () => {
        throw new Error('the first hook')
      })
      tx.afterCommit(async () => void seen.push('second'))
    })
    await expect(work).rejects.toThrow('the first hook')
    expect(seen).toEqual(['second'])
    expect(await codes()).toEqual(['yo'])
  })
})
