import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fastify } from 'fastify'
import { describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { handleError } from '../../src/http/errors.ts'
import { eventLoopDelay, overloadWatch, refuseUnderPressure } from '../../src/http/pressure.ts'
import { testApp, testContext } from '../support/context.ts'

describe('overload', () => {
  it('is what lasts: two intervals in a row', () => {
    const watch = overloadWatch()
    watch.note(Number.POSITIVE_INFINITY)
    expect(watch.isOverloaded()).toBe(false)
    watch.note(501)
    expect(watch.isOverloaded()).toBe(true)
    watch.note(499)
    expect(watch.isOverloaded()).toBe(false)
  })

  it('is measured by how late timers are', async () => {
    const delay = eventLoopDelay()
    await wait(100)
    expect(delay.mean()).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(delay.mean()).toBe(Number.POSITIVE_INFINITY)
    delay.stop()
  })

  it('refuses callers, and lets operators in', async () => {
    const watch = overloadWatch()
    const app = fastify() as unknown as App
    app.setErrorHandler(handleError)
    refuseUnderPressure(app, watch)
    app.get('/operators', { config: { operational: true } }, async () => 'in')
    app.get('/callers', async () => 'in')
    expect((await app.inject('/callers')).statusCode).toBe(200)
    watch.note(1_000)
    watch.note(1_000)
    const refused = await app.inject('/callers')
    expect([refused.statusCode, refused.json().error, refused.headers['retry-after']]).toEqual([
      503,
      'service_unavailable',
      '5',
    ])
    expect((await app.inject('/operators')).statusCode).toBe(200)
    await app.close()
  })
})

describe('closing', () => {
  it('lets what runs finish, and refuses what still arrives on its connection', async () => {
    const ctx = await testContext({ redis: 'off' })
    const running = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const closing = Promise.withResolvers<void>()
    const app = await testApp(ctx, {
      routes: (declared) => {
        declared.get('/slow', { config: { access: 'public', operational: true } }, async () => {
          running.resolve()
          await released.promise
          return 'done'
        })
        declared.addHook('preClose', (done) => {
          closing.resolve()
          done()
        })
      },
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { hostname, port } = new URL(app.listeningOrigin)
    const socket = connect(Number(port), hostname)
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    await running.promise
    const closed = app.close()
    await closing.promise
    const arrived = once(app.server, 'request')
    socket.write('GET /api/v1/genres HTTP/1.1\r\nHost: a\r\n\r\n')
    await arrived
    released.resolve()
    await once(socket, 'close')
    await closed
    const [, first, second] = received.split(/HTTP\/1\.1 (?=\d{3})/)
    expect(first).toMatch(/^200 OK[\s\S]*done$/)
    expect(second).toMatch(/^503 Service Unavailable[\s\S]*"error":"service_unavailable"/)
    expect(second?.toLowerCase()).toContain('connection: close')
    await ctx[Symbol.asyncDispose]()
  })
})
