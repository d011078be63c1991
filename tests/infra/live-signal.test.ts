import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { announce } from '../../src/infra/live-signal.ts'
import { openWordSender } from '../../src/infra/pubsub-words.ts'
import { inTx } from '../../src/infra/tx.ts'
import { testContext } from '../support/context.ts'

const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID())

describe('signals', () => {
  it('name each account once, in messages that NOTIFY takes, those gathered together that come meanwhile', async () => {
    const messages: string[] = []
    let go: () => void = () => {}
    const first = new Promise<void>((resolve) => {
      go = resolve
    })
    const { send } = openWordSender(async (_channel, message) => {
      messages.push(message)
      if (messages.length === 1) await first
      return true
    }, 200)
    const users = ids(1_001)
    const sent = [send('live', users.slice(0, 1)), ...users.slice(1).map((id) => send('live', [id, id]))]
    expect(messages).toHaveLength(1)
    go()
    expect(new Set(await Promise.all(sent))).toEqual(new Set([true]))
    expect(messages.flatMap((message) => message.split(','))).toEqual(users)
    expect(messages).toHaveLength(6)
    for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThan(8_000)
  })

  it('that could not be sent are told to whoever gave them, and those after them go', async () => {
    const messages: string[] = []
    const { send } = openWordSender(async (_channel, message) => {
      messages.push(message)
      return messages.length > 1
    }, 200)
    expect(await Promise.all([send('live', ['a']), send('live', ['b']), send('other', ['c'])])).toEqual([
      false,
      true,
      true,
    ])
    expect(messages).toEqual(['a', 'c', 'b'])
    expect(await send('live', ['d'])).toBe(true)
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
