import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publish } from '../../src/infra/outbox.ts'
import { inTx } from '../../src/infra/tx.ts'
import { queueNames } from '../../src/lib/queue-table.ts'
import { queuesOf } from '../../src/worker/subscriber-jobs.ts'
import { subscribers } from '../../src/worker/subscribers.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { movieId, publishTitle, reacting } from '../support/delivery.ts'
import { drain, published } from '../support/events.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext()
})
afterAll(() => ctx[Symbol.asyncDispose]())

describe('draining', () => {
  it('has every subscriber handle what was published, and what follows from it, once', async () => {
    const got: string[] = []
    const chain = {
      ...reacting({
        onward: (jobCtx, { payload }) => inTx(jobCtx, (tx) => publish(tx, 'title.updated', payload)),
        beside: async (_ctx, { payload }) => void got.push(`beside ${payload.movie_id}`),
      }),
      'title.updated': [
        {
          id: 'end',
          queue: 'q',
          handle: async (_ctx: unknown, event: { payload: { movie_id: string } }) =>
            void got.push(`end ${event.payload.movie_id}`),
        },
      ],
    }
    await publishTitle(ctx, movieId(1))
    expect(await drain(ctx, chain)).toEqual(['onward', 'beside', 'end'])
    expect(got).toEqual([`beside ${movieId(1)}`, `end ${movieId(1)}`])
    expect(await drain(ctx, chain)).toEqual([])
    expect(await published(ctx, 'title.updated')).toEqual([{ movie_id: movieId(1) }])
    const { request_id } = await ctx.db
      .selectFrom('outbox_events')
      .select('request_id')
      .where('name', '=', 'title.updated')
      .executeTakeFirstOrThrow()
    expect(request_id).toBe('request-1')
  })

  it('fails when a handler does', async () => {
    await publishTitle(ctx, movieId(2))
    const broken = reacting({
      broken: async () => {
        throw new Error('broken')
      },
    })
    await expect(drain(ctx, broken)).rejects.toThrow('broken')
  })
})

describe('our subscribers', () => {
  it('have names that jobs and marks can have, each once per event', () => {
    for (const all of Object.values(subscribers)) {
      const ids = all.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9_.-]{0,99}$/)
    }
    for (const queue of queuesOf(subscribers)) expect(queue).toMatch(/^[a-z][a-z0-9-]*$/)
  })

  it('have queues whose rules stand in the table, where administrators find them', () => {
    expect(queuesOf(subscribers).filter((queue) => !queueNames.includes(queue))).toEqual([])
  })
})
