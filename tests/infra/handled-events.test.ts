import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstTime, isHandled, markHandled } from '../../src/infra/handled-events.ts'
import { inTx } from '../../src/infra/tx.ts'
import { type TestContext, testContext } from '../support/context.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext({ redis: 'off' })
})
afterAll(() => ctx[Symbol.asyncDispose]())

const event = (number: number) => `0198d1c4-0000-7000-8000-00000000000${number}`
const isFirst = (id: string, consumer = 'tester') => inTx(ctx, (tx) => firstTime(tx.db, consumer, id))

describe('an event', () => {
  it('is handled the first time once, by each consumer', async () => {
    expect(await isFirst(event(1))).toBe(true)
    expect(await isFirst(event(1))).toBe(false)
    expect(await isFirst(event(1), 'another')).toBe(true)
    expect(await isFirst(event(2))).toBe(true)
  })

  it('is not handled when the transaction of its effect was rolled back', async () => {
    const work = inTx(ctx, async (tx) => {
      await firstTime(tx.db, 'tester', event(3))
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await isHandled(ctx.db, 'tester', event(3))).toBe(false)
    expect(await isFirst(event(3))).toBe(true)
    expect(await isHandled(ctx.db, 'tester', event(3))).toBe(true)
  })

  it('is handled once when two are at it at the same time: the second waits for the first', async () => {
    const go = Promise.withResolvers<void>()
    const marked = Promise.withResolvers<void>()
    const order: string[] = []
    const first = inTx(ctx, async (tx) => {
      const isIt = await firstTime(tx.db, 'tester', event(4))
      marked.resolve()
      await go.promise
      order.push('first')
      return isIt
    })
    await marked.promise
    const second = isFirst(event(4)).then((isIt) => {
      order.push('second')
      return isIt
    })
    const waiting = async () =>
      (
        await ctx.pool.query(
          "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        )
      ).rowCount === 1
    while (!(await waiting())) await new Promise((resolve) => setTimeout(resolve, 5))
    go.resolve()
    expect([await first, await second, order]).toEqual([true, false, ['first', 'second']])
  })

  it('can be marked after the fact, again and again', async () => {
    await markHandled(ctx.db, 'tester', event(5))
    await markHandled(ctx.db, 'tester', event(5))
    expect(await isFirst(event(5))).toBe(false)
  })
})
