import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { inTx } from '../../src/infra/tx.ts'
import { type TestContext, testContext } from '../support/context.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext({ redis: 'off' })
  return () => ctx[Symbol.asyncDispose]()
})

/** A transaction that Postgres breaks off so many times with the SQLSTATE, and what it left behind. */
async function brokenOff(state: string, times: number) {
  let runs = 0
  let committed = 0
  const outcome = await inTx(ctx, async (tx) => {
    runs += 1
    tx.afterCommit(async () => {
      committed += 1
    })
    await tx.db
      .insertInto('languages')
      .values({ code: 'yo', name: `run ${runs}` })
      .execute()
    if (runs <= times) await sql.raw(`do $$ begin raise exception using errcode = '${state}'; end $$`).execute(tx.db)
  }).then(
    () => 'done',
    (error) => error.code as string,
  )
  const rows = await ctx.db.deleteFrom('languages').returning('name').execute()
  return { outcome, runs, committed, names: rows.map(({ name }) => name) }
}

describe('a transaction that Postgres breaks off', () => {
  it.each(['40001', '40P01'])('for %s is tried once more, whole', async (state) => {
    expect(await brokenOff(state, 1)).toEqual({ outcome: 'done', runs: 2, committed: 1, names: ['run 2'] })
  })

  it('twice is given up', async () => {
    expect(await brokenOff('40P01', 2)).toEqual({ outcome: '40P01', runs: 2, committed: 0, names: [] })
  })

  it('for another reason is not tried again', async () => {
    expect(await brokenOff('23514', 1)).toEqual({ outcome: '23514', runs: 1, committed: 0, names: [] })
  })
})
