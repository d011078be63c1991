import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Connection, connect, requestOf } from '../../bench/connection.ts'

/** What the server writes for each path, piece by piece; null ends the connection. */
const answers: Record<string, readonly (string | null)[]> = {
  '/whole': ['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'],
  '/pieces': ['HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\n\r\nbo', 'd', 'ies'],
  '/empty': ['HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'],
  '/chunked': ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  '/cut': ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbody', null],
  '/last': ['HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody', null],
}
const server = net.createServer((socket) => {
  socket.on('data', async (asked) => {
    for (const piece of answers[asked.toString().split(' ')[1]!]!) {
      if (piece === null) return socket.end()
      socket.write(piece)
      await wait(10)
    }
  })
})
let origin: string
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
})
afterAll(() => void server.close())

async function over<T>(work: (ask: (path: string) => ReturnType<Connection['ask']>) => Promise<T>): Promise<T> {
  const connection = await connect(origin)
  try {
    return await work((path) => connection.ask(requestOf(origin, path)))
  } finally {
    connection.close()
  }
}

describe('a connection of a load', () => {
  it('reads answers one after the other, whole or in pieces', async () => {
    const told = await over(async (ask) => [
      await ask('/whole'),
      await ask('/pieces'),
      await ask('/empty'),
      await ask('/whole'),
    ])
    expect(told.map(({ status }) => status)).toEqual([200, 404, 204, 200])
    expect(told[1]!.milliseconds).toBeGreaterThan(15)
  })

  it('fails where an answer does not say its length, or is cut off', async () => {
    await expect(over((ask) => ask('/chunked'))).rejects.toThrow('unknown length')
    await expect(over((ask) => ask('/cut'))).rejects.toThrow('closed')
  })

  it('fails, and does not wait, once it has been closed', async () => {
    const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'))
    await over(async (ask) => {
      expect((await ask('/last')).status).toBe(200)
      // Its other end closes when this one has.
      await closed
      await expect(ask('/whole')).rejects.toThrow('closed')
    })
  })
})
