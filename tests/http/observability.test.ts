import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { openLog } from '../../src/infra/logger.ts'
import { measureProcess } from '../../src/infra/metrics.ts'
import { Type } from '../../src/lib/typebox.ts'
import { actorWith, type TestContext, testApp, testContext } from '../support/context.ts'

const lines: Record<string, unknown>[] = []
let ctx: TestContext
let app: App
beforeAll(async () => {
  const log = openLog({ LOG_LEVEL: 'info' }, { write: (line) => lines.push(JSON.parse(line)) })
  ctx = await testContext({ log })
  app = await testApp(ctx, {
    routes: (declared) => {
      const schema = { operationId: 'probeLog', response: { 200: Type.Object({}) } }
      declared.get('/probe/:id', { config: { access: 'public' }, schema }, async (request) => {
        request.ctx.log.info('seen by a service')
        return { id: request.ctx.requestId }
      })
    },
  })
  return () => ctx[Symbol.asyncDispose]()
})

/** The lines that a request left. */
async function linesOf(url: string, headers: Record<string, string> = {}, on = app) {
  const answer = await on.inject({ url, headers })
  return lines.filter((line) => line.request_id === answer.headers['x-request-id'])
}

describe('the log', () => {
  it('has one line a request, with what an operator needs', async () => {
    const told = await linesOf('/api/v1/genres?limit=5', { 'x-request-id': 'abc-123' })
    expect(told).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        request_id: 'abc-123',
        method: 'GET',
        route: '/api/v1/genres',
        status: 200,
        duration_ms: expect.any(Number),
        msg: 'request',
      },
    ])
  })

  it('tells why a request was refused, and of what no route takes', async () => {
    expect(await linesOf('/api/v1/movies?limit=0')).toMatchObject([
      { level: 'info', status: 422, error: 'validation_error' },
    ])
    expect(await linesOf('/nowhere')).toMatchObject([{ route: null, status: 404, error: 'not_found' }])
  })

  it('tells who asked', async () => {
    const actor = actorWith('critic')
    expect(await linesOf('/api/v1/genres', {}, await testApp(ctx, { actor }))).toMatchObject([{ user: actor.id }])
  })

  it('has the request id on lines of services', async () => {
    const told = await linesOf('/probe/1')
    expect(told.map((line) => line.msg)).toEqual(['seen by a service', 'request'])
  })

  it('has neither query strings nor headers', async () => {
    const told = await linesOf('/probe/1?token=hunter2', { cookie: 'session=hunter3', 'user-agent': 'hunter4' })
    expect(JSON.stringify(told)).not.toContain('hunter')
  })

  it('tells of addresses that are none', async () => {
    const before = lines.length
    await app.listen({ host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${app.listeningOrigin}/api/v1/movies/%E0%A4%A`)
    expect(answer.status).toBe(400)
    expect(lines.slice(before)).toContainEqual(
      expect.objectContaining({ request_id: answer.headers.get('x-request-id'), status: 400, error: 'bad_request' }),
    )
  })
})

describe('metrics', () => {
  const metrics = async () => {
    const answer = await app.inject('/metrics')
    expect(answer.headers['content-type']).toContain('text/plain')
    return answer.body
  }

  it('time requests by route and status, never by path', async () => {
    await app.inject('/api/v1/movies/no-such-film')
    await app.inject('/nowhere/at/all')
    const text = await metrics()
    const series = 'lemonnpie_http_request_duration_seconds_count'
    expect(text).toMatch(new RegExp(`${series}\\{method="GET",route="/api/v1/movies/:movie_id",status="404"\\} \\d+`))
    expect(text).toMatch(new RegExp(`${series}\\{method="GET",route="none",status="404"\\} \\d+`))
    expect(text).not.toContain('no-such-film')
    expect(text).not.toContain('/nowhere')
  })

  it('count addresses that are none', async () => {
    const counted = async () =>
      Number(/_count\{method="GET",route="none",status="414"\} (\d+)/.exec(await metrics())?.[1] ?? 0)
    const before = await counted()
    expect((await app.inject(`/probe/${'a'.repeat(501)}`)).statusCode).toBe(414)
    expect(await counted()).toBe(before + 1)
  })

  it('tell of queries by name, the cache by family, the pool and the event loop', async () => {
    measureProcess(ctx.metrics)
    await app.inject('/api/v1/genres')
    await ctx.pool.query('select 1')
    const text = await metrics()
    expect(text).toMatch(/lemonnpie_query_duration_seconds_count\{query="\w+"\} \d+/)
    expect(text).toMatch(/lemonnpie_cache_reads_total\{family="\w[\w-]*",outcome="\w+"\} \d+/)
    expect(text).toMatch(/lemonnpie_pool_connections\{pool="main",state="total"\} [1-9]/)
    expect(text).toMatch(/lemonnpie_pool_connections\{pool="main",state="waiting"\} 0/)
    expect(text).toMatch(/lemonnpie_nodejs_eventloop_lag_p99_seconds \d/)
  })
})
