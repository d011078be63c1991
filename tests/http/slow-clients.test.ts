import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { openLog } from '../../src/infra/logger.ts'
import { Type } from '../../src/lib/typebox.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'

const lines: Record<string, unknown>[] = []

let ctx: TestContext
let app: App
let handled = 0
beforeAll(async () => {
  const log = openLog({ LOG_LEVEL: 'info' }, { write: (line) => lines.push(JSON.parse(line)) })
  ctx = await testContext({ redis: 'off', log })
  app = await testApp(ctx, {
    patience: { headers: 300, request: 600, interval: 50 },
    routes: (declared) => {
      const schema = { operationId: 'takeBody', body: Type.Object({}), response: { 200: Type.Object({}) } }
      declared.post('/taking', { config: { access: 'public' }, schema }, async () => {
        handled += 1
        return {}
      })
    },
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return () => ctx[Symbol.asyncDispose]()
})

/**
 * Says its beginning at once and then one more piece every 20 ms, for as long as the server listens.
 * @returns all that the server said before it hung up
 */
async function drip(beginning: string, piece: string): Promise<string> {
  const { hostname, port } = new URL(app.listeningOrigin)
  const socket = connect({ host: hostname, port: Number(port) })
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  // Cut off while it speaks, it is told so.
  socket.on('error', () => {})
  socket.write(beginning)
  const timer = setInterval(() => socket.writable && socket.write(piece), 20)
  await new Promise((resolve) => socket.on('close', resolve))
  clearInterval(timer)
  return received
}

const slowHeaders = 'GET /api/v1/genres HTTP/1.1\r\nHost: a\r\n'
const slowBody = 'POST /taking HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{'
const slowChunks = `${slowBody.slice(0, -1).replace('Content-Length: 60000', 'Transfer-Encoding: chunked')}1\r\n{\r\n`

const refusal = (answer: string) => {
  const [head = '', body = '{}'] = answer.split('\r\n\r\n')
  return { status: head.split('\r\n', 1)[0], head: head.toLowerCase(), json: JSON.parse(body) }
}

describe('a client that takes too long', () => {
  it.each([
    ['over its headers', slowHeaders, 'X-Slow: a\r\n'],
    ['over a single header', `${slowHeaders}X-Slow: `, 'a'],
    ['over its body', slowBody, ' '],
    ['over a body in chunks', slowChunks, '1\r\n \r\n'],
    ['after a request that was answered', `${slowHeaders}\r\n${slowHeaders}`, 'X-Slow: a\r\n'],
  ])('%s is told so and cut off', async (_what, beginning, piece) => {
    const received = await drip(beginning, piece)
    const last = received.slice(received.lastIndexOf('HTTP/1.1 '))
    const { status, head, json } = refusal(last)
    expect([status, json.error]).toEqual(['HTTP/1.1 408 Request Timeout', 'request_timeout'])
    expect(head).toContain('connection: close')
    expect(head).toContain(`x-request-id: ${json.request_id}`)
    expect(lines).toContainEqual(expect.objectContaining({ request_id: json.request_id, status: 408 }))
  })

  it('never reaches what it asked for, and is no fault of ours', async () => {
    await drip(slowBody, ' ')
    await wait(50)
    expect(handled).toBe(0)
    expect(lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
  })

  it('that says nothing at all is cut off too', async () => {
    expect(await drip('', '')).toMatch(/^(?:HTTP\/1\.1 408 |$)/)
  })

  it('keeps nobody else from being answered', async () => {
    const crowd = Array.from({ length: 50 }, () => drip(slowBody, ' '))
    const answer = await fetch(`${app.listeningOrigin}/taking`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    expect([answer.status, handled]).toEqual([200, 1])
    expect((await Promise.all(crowd)).map((received) => refusal(received).status)).toEqual(
      crowd.map(() => 'HTTP/1.1 408 Request Timeout'),
    )
  })
})

describe('by default', () => {
  it('a client has 10 s for its headers and 15 s for all of it, which is looked at every 5 s', async () => {
    await using usual = await testContext({ redis: 'off' })
    const { server } = await testApp(usual)
    expect([server.headersTimeout, server.requestTimeout, server.timeout]).toEqual([10_000, 15_000, 60_000])
    expect(server).toMatchObject({ keepAliveTimeout: 72_000 })
  })
})
