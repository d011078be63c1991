import { setTimeout as wait } from 'node:timers/promises'
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { limitHandling } from '../../src/http/deadline.ts'
import { handleError } from '../../src/http/errors.ts'

const longest = 100
let app: App
const lines: string[] = []

beforeAll(async () => {
  const logger = { level: 'warn', stream: { write: (line: string) => lines.push(line) } }
  app = fastify({ logger }) as unknown as App
  app.setErrorHandler(handleError)
  limitHandling(app, { longest, interval: 20 })
  app.get('/quick', async () => 'done')
  app.get('/never', () => new Promise(() => {}))
  app.get('/late', async () => {
    await wait(3 * longest)
    return 'done'
  })
  app.get('/patient', { handlerTimeout: 60 * longest }, async () => {
    await wait(3 * longest)
    return 'done'
  })
  app.get('/stuck', (_request, reply) => {
    reply.raw.writeHead(200)
    reply.raw.write('the beginning')
  })
  app.get('/own', async (_request, reply) => {
    reply.hijack()
    await wait(3 * longest)
    reply.raw.end('done')
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => app.close())

const ask = (path: string): Promise<Response> => fetch(app.listeningOrigin + path)

describe('an answer that takes too long', () => {
  it('is a 503, not before its time', async () => {
    const begun = performance.now()
    const answer = await ask('/never')
    expect(performance.now() - begun).toBeGreaterThanOrEqual(longest)
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([503, 'service_unavailable'])
  })

  it('is given up once, and what comes after it goes nowhere', async () => {
    const answer = await ask('/late')
    expect(answer.status).toBe(503)
    await wait(3 * longest)
    expect((await ask('/quick')).status).toBe(200)
  })

  it('is cut off where it has begun', async () => {
    const answer = await ask('/stuck')
    await expect(answer.text()).rejects.toThrow()
  })

  it('has the time that its route asks for', async () => {
    expect(await (await ask('/patient')).text()).toBe('done')
  })

  it('is none of those that somebody answers past Fastify, as a socket is', async () => {
    expect(await (await ask('/own')).text()).toBe('done')
  })

  it('is none of those that are done', async () => {
    expect((await ask('/quick')).status).toBe(200)
    await wait(2 * longest)
    // A handler that ends later than its answer is told of, by Fastify.
    expect(lines.filter((line) => !line.includes('in \\"/late'))).toEqual([])
  })
})
