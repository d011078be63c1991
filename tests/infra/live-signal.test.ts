import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { announce, signalsOf } from '../../src/infra/live-signal.ts'
import { inTx } from '../../src/infra/tx.ts'
import { testContext } from '../support/context.ts'

const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID())

describe('signals', () => {
  it('name each account once, in messages that NOTIFY takes', () => {
    const users = ids(1_001)
    const messages = signalsOf([...users, ...users])
    expect(messages.flatMap((message) => message.split(','))).toEqual(users)
    expect(messages).toHaveLength(6)
    for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThan(8_000)
    expect(signalsOf([])).toEqual([])
  })

  it('are sent after the commit, whatever their number, and never of what was rolled back', async () => {
    await using ctx = await testContext()
    const heard: string[] = []
    await new Promise<void>((resolve) =>
      ctx.pubsub.subscribe('live', (message) => heard.push(...message.split(',')), resolve),
    )
    const [kept, lost] = [ids(450), ids(3)]
    await expect(
      inTx(ctx, async (tx) => {
        announce(tx, lost)
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    await inTx(ctx, async (tx) => {
      announce(tx, kept)
      announce(tx, [])
      expect(heard).toEqual([])
    })
    await expect.poll(() => heard.length).toBe(450)
    expect(heard).toEqual(kept)
  })
})
