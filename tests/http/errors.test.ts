import { Agent } from 'node:http'
import { connect } from 'node:net'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { openLog } from '../../src/infra/logger.ts'
import { AppError } from '../../src/lib/errors.ts'
import { Type } from '../../src/lib/typebox.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'
import { sendRaw } from '../support/raw-request.ts'

const closed = { additionalProperties: false }
const Body = Type.Object({ title: Type.String({ maxLength: 10 }), year: Type.Integer() }, closed)
const Query = Type.Object({ limit: Type.Optional(Type.Integer({ maximum: 100, minimum: 1 })) }, closed)
const response = { 200: Type.Unknown() }

const routes = (app: App): void => {
  const config = { access: 'public' } as const
  const operation = (operationId: string) => ({ operationId, response })
  app.post(
    '/probe/:id',
    {
      config,
      schema: {
        ...operation('probeAll'),
        params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 9 }) }),
        querystring: Query,
        body: Body,
      },
    },
    async (request) => request.body,
  )
  app.post('/probe', { config, schema: { ...operation('probeBody'), body: Body } }, async (request) => request.body)
  app.get('/probe', { config, schema: { ...operation('probeQuery'), querystring: Query } }, async ({ query }) => query)
  app.get('/probe/sqlstate/:code', { config, schema: operation('probeState') }, async (request) => {
    const { code } = request.params as { code: string }
    await sql.raw(`do $$ begin raise exception 'inside' using errcode = '${code}'; end $$`).execute(request.ctx.db)
  })
  app.get('/probe/database', { config, schema: operation('probeDatabase') }, async (request) => {
    await sql`select 1`.execute(request.ctx.db)
  })
  app.get('/probe/fault', { config, schema: operation('probeFault') }, async () => {
    throw new Error('the secret of the inside')
  })
  app.get('/probe/thrown', { config, schema: operation('probeThrown') }, async () => {
    throw null
  })
  app.get('/probe/own', { config, schema: operation('probeOwn') }, async () => {
    throw new AppError('own_review', 409, 'It is yours.', { headers: { 'x-reason': 'yours' } })
  })
  app.get('/probe/slow', { config, schema: operation('probeSlow'), handlerTimeout: 30 }, () => new Promise(() => {}))
  app.get('/probe/endless', { config, schema: operation('probeEndless') }, () => new Promise(() => {}))
}

let ctx: TestContext
let app: App
const lines: Record<string, unknown>[] = []
beforeAll(async () => {
  const log = openLog({ LOG_LEVEL: 'info' }, { write: (line) => lines.push(JSON.parse(line)) })
  ctx = await testContext({ log })
  app = await testApp(ctx, { routes })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return () => ctx[Symbol.asyncDispose]()
})

const post = (payload: string, contentType = 'application/json', url = '/probe') =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': contentType } })

describe('the envelope', () => {
  it('is the same for everything, and says where and when', async () => {
    const answer = await app.inject({ url: '/nowhere?token=abc', headers: { 'x-request-id': 'given-1' } })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect(answer.json()).toEqual({
      error: 'not_found',
      message: 'There is nothing here.',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      path: '/nowhere',
      request_id: 'given-1',
    })
  })

  it('has a request id of its own when the one given is not safe', async () => {
    for (const given of ['a b', 'x'.repeat(129), '"', '<script>']) {
      const answer = await app.inject({ url: '/nowhere', headers: { 'x-request-id': given } })
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
      expect(answer.json().request_id).toBe(answer.headers['x-request-id'])
    }
  })

  it('carries the headers that an error brings', async () => {
    const answer = await app.inject('/probe/own')
    expect([answer.statusCode, answer.json().error, answer.headers['x-reason']]).toEqual([409, 'own_review', 'yours'])
  })
})

describe('a wrong path or method', () => {
  it('is a 405 with Allow where the path is known', async () => {
    const answer = await app.inject({ method: 'DELETE', url: '/probe?x=1' })
    expect([answer.statusCode, answer.json().error]).toEqual([405, 'method_not_allowed'])
    expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS, POST')
    const detail = await app.inject({ method: 'POST', url: '/api/v1/movies/king-of-boys-2018' })
    expect([detail.statusCode, detail.headers.allow]).toEqual([405, 'DELETE, GET, HEAD, OPTIONS, PUT'])
  })

  it('is a 405 with its own Allow at every path without parameters, also where a wider one takes the method', async () => {
    const own = new Map<string, Set<string>>()
    for (const { url, method } of app.routeTable) {
      // Those of this test come after all others, and Swagger UI declares its own otherwise than they are.
      if (/[:*]|^\/(?:probe|docs)/.test(url)) continue
      own.set(url, new Set([...(own.get(url) ?? []), ...[method].flat()]))
    }
    expect([...own.keys()]).toEqual(expect.arrayContaining(['/api/v1/movies/search', '/api/v1/users/feed']))
    const wrong: string[] = []
    for (const [url, methods] of own) {
      const allow = [...methods, 'OPTIONS'].sort().join(', ')
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        if (methods.has(method)) continue
        const { statusCode, headers } = await app.inject({ method, url })
        if (statusCode !== 405 || headers.allow !== allow)
          wrong.push(`${method} ${url}: ${statusCode} ${headers.allow}`)
      }
      const asked = await app.inject({ method: 'OPTIONS', url })
      if (asked.statusCode !== 204 || asked.headers.allow !== allow)
        wrong.push(`OPTIONS ${url}: ${asked.headers.allow}`)
    }
    expect(wrong).toEqual([])
  })

  it('is refused before the body is read where a wider path takes the method', async () => {
    const url = '/api/v1/movies/featured'
    const answer = await app.inject({ method: 'PUT', url, payload: '{', headers: { 'content-type': 'text/plain' } })
    expect([answer.statusCode, answer.json().error]).toEqual([405, 'method_not_allowed'])
    expect(app.swagger().paths?.[url]).not.toHaveProperty('put')
  })

  it('is what is wrong first, whatever the body is', async () => {
    expect((await post('{', 'application/json', '/nowhere')).statusCode).toBe(404)
    expect((await post('x', 'text/plain', '/api/v1/genres')).statusCode).toBe(405)
  })

  it('is answered by Allow alone when that is what was asked', async () => {
    const answer = await app.inject({ method: 'OPTIONS', url: '/probe' })
    expect([answer.statusCode, answer.headers.allow, answer.body]).toEqual([204, 'GET, HEAD, OPTIONS, POST', ''])
    expect((await app.inject({ method: 'OPTIONS', url: '/nowhere' })).statusCode).toBe(404)
  })

  it.each([
    '/api/v1/movies/',
    '/api/v1/movies/?include=similar',
    '/api/v1/movies//similar',
    '/health/live/',
    '/API/v1/movies',
    '//api/v1/movies',
    '/api/v1/movie',
    '/api/v2/movies',
  ])('is a 404 for %s, which is close', async (url) => {
    expect((await app.inject(url)).statusCode).toBe(404)
  })

  it('is a 400 when its percent-encoding is broken, and a 414 when it is too long', async () => {
    const broken = await raw('GET /probe/sqlstate/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect([broken.status, broken.json.error, broken.json.path]).toEqual([400, 'bad_request', '/probe/sqlstate/%zz'])
    const long = await app.inject(`/probe/sqlstate/${'a'.repeat(501)}`)
    expect([long.statusCode, long.json().error]).toEqual([414, 'uri_too_long'])
  })
})

describe('a body', () => {
  it.each([
    ['broken JSON', '{"title":', 400, 'bad_request'],
    ['nothing', '', 400, 'bad_request'],
    ['a name that poisons prototypes', '{"__proto__":{"title":"x"}}', 400, 'bad_request'],
    ['null', 'null', 422, 'validation_error'],
    ['a list', '[]', 422, 'validation_error'],
    ['a text', '"title"', 422, 'validation_error'],
    ['deep nesting', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 422, 'validation_error'],
    ['more than 64 KiB', `{"title":"${'a'.repeat(65_536)}"}`, 413, 'payload_too_large'],
  ])('of %s is refused', async (_name, payload, status, code) => {
    const answer = await post(payload)
    expect([answer.statusCode, answer.json().error]).toEqual([status, code])
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense'])(
    'of type %s is a 415',
    async (contentType) => {
      const answer = await post('{"title":"x","year":2020}', contentType)
      expect([answer.statusCode, answer.json().error]).toEqual([415, 'unsupported_media_type'])
    },
  )

  it('means what it says: text is no number there, and unknown properties are not dropped', async () => {
    const answer = await post('{"title":"x","year":"2020","extra":1}')
    expect(answer.statusCode).toBe(422)
    expect(answer.json().details).toEqual([
      { field: 'body.extra', message: 'is not known here' },
      { field: 'body.year', message: 'must be integer' },
    ])
    expect((await post('{"title":"x","year":2020}')).json()).toEqual({ title: 'x', year: 2020 })
  })

  it('that is missing is wrong as a whole', async () => {
    const answer = await app.inject({ method: 'POST', url: '/probe' })
    expect([answer.statusCode, answer.json().details]).toEqual([422, [{ field: 'body', message: 'must be object' }]])
  })
})

describe('wrong fields', () => {
  it('are all listed, wherever they stand', async () => {
    const answer = await post('{"title":"much too long a title"}', 'application/json', '/probe/0?limit=101&unknown=1')
    expect(answer.statusCode).toBe(422)
    expect(answer.json().details).toEqual([
      { field: 'params.id', message: 'must be >= 1' },
      { field: 'body.year', message: 'is required' },
      { field: 'body.title', message: 'must NOT have more than 10 characters' },
      { field: 'query.unknown', message: 'is not known here' },
      { field: 'query.limit', message: 'must be <= 100' },
    ])
  })

  it('of a query string are read as what they should be', async () => {
    expect((await app.inject('/probe?limit=5')).json()).toEqual({ limit: 5 })
    for (const limit of ['0', '101', 'abc', '1.5', '', '1e309', '5&limit=6']) {
      const answer = await app.inject(`/probe?limit=${limit}`)
      expect([answer.statusCode, answer.json().details[0].field], limit).toEqual([422, 'query.limit'])
    }
  })

  it('are at most fifty, however many there are', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `"x${index}":1`)
    expect((await post(`{${names.join(',')}}`)).json().details).toHaveLength(50)
  })
})

describe('what Postgres says', () => {
  it.each([
    ['23505', 409, 'conflict'],
    ['23503', 409, 'conflict'],
    ['22P02', 422, 'validation_error'],
    ['22021', 422, 'validation_error'],
    ['22003', 422, 'validation_error'],
    ['2201W', 422, 'validation_error'],
    ['40001', 503, 'service_unavailable'],
    ['40P01', 503, 'service_unavailable'],
    ['55P03', 503, 'service_unavailable'],
    ['57014', 503, 'service_unavailable'],
    ['57P03', 503, 'service_unavailable'],
    ['53300', 503, 'service_unavailable'],
    ['08006', 503, 'service_unavailable'],
    ['23502', 500, 'internal_error'],
    ['42601', 500, 'internal_error'],
    ['P0001', 500, 'internal_error'],
  ])('by %s is a %i', async (code, status, error) => {
    const answer = await app.inject(`/probe/sqlstate/${code}`)
    expect([answer.statusCode, answer.json().error]).toEqual([status, error])
    expect(answer.headers['retry-after']).toBe(status === 503 ? '5' : undefined)
    expect(answer.body).not.toContain('inside')
  })

  it('is a 503 when there is no way to it', async () => {
    const away = await testContext({ redis: 'off', env: { DATABASE_URL: 'postgres://127.0.0.1:1/nowhere' } })
    const answer = await (await testApp(away, { routes })).inject('/probe/database')
    expect([answer.statusCode, answer.json().error, answer.headers['retry-after']]).toEqual([
      503,
      'service_unavailable',
      '5',
    ])
    await away[Symbol.asyncDispose]()
  })

  it('is a 503 when every connection is busy for too long', async () => {
    const busy = await testContext({ redis: 'off', env: { DATABASE_POOL_MAX: '1' } })
    const held = await busy.pool.connect()
    const answer = await (await testApp(busy, { routes })).inject('/probe/database')
    expect([answer.statusCode, answer.json().error]).toEqual([503, 'service_unavailable'])
    held.release()
    await busy[Symbol.asyncDispose]()
  })
})

describe('a fault of ours', () => {
  it('says nothing of the inside, and the log tells it by the request id', async () => {
    const answer = await app.inject('/probe/fault')
    expect([answer.statusCode, answer.json().message]).toEqual([500, 'Something went wrong on our side.'])
    expect(answer.body).not.toContain('secret')
    const told = lines.filter((line) => line.request_id === answer.headers['x-request-id'])
    expect(told).toMatchObject([{ level: 'error', status: 500, err: { message: 'the secret of the inside' } }])
  })

  it('may throw what is no error', async () => {
    expect((await app.inject('/probe/thrown')).statusCode).toBe(500)
  })

  it('that takes too long is a 503', async () => {
    const hasty = await testApp(ctx, { routes, deadline: { longest: 30, interval: 10 } })
    for (const answer of [await app.inject('/probe/slow'), await hasty.inject('/probe/endless')]) {
      expect([answer.statusCode, answer.json().error]).toEqual([503, 'service_unavailable'])
    }
  })
})

/** Sends bytes and reads what comes back until the other side closes. */
function raw(bytes: string): Promise<{ status: number; head: string; json: Record<string, string> }> {
  const { hostname, port } = new URL(app.listeningOrigin)
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', body = ''] = received.split('\r\n\r\n')
      resolve({ status: Number(head.split(' ')[1]), head, json: JSON.parse(body) })
    })
  })
}

describe('what cannot be read as HTTP', () => {
  it('is a 400 in the envelope', async () => {
    const answer = await raw('NONSENSE\r\n\r\n')
    expect([answer.status, answer.json.error]).toEqual([400, 'bad_request'])
    expect(answer.head.toLowerCase()).toContain(`x-request-id: ${answer.json.request_id}`)
  })

  it('is a 431 when the headers are too large', async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)
    expect([answer.status, answer.json.error]).toEqual([431, 'headers_too_large'])
  })
})

describe('the header Expect', () => {
  const expecting = (what: string) =>
    raw(`GET /probe?limit=5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: ${what}\r\n\r\n`)

  it('is refused in the envelope when it cannot be met', async () => {
    const answer = await expecting('tea')
    expect([answer.status, answer.json.error, answer.json.path]).toEqual([417, 'expectation_failed', '/probe'])
    expect(answer.head.toLowerCase()).toContain(`x-request-id: ${answer.json.request_id}`)
    expect(lines).toContainEqual(expect.objectContaining({ request_id: answer.json.request_id, status: 417 }))
  })

  it('is met when it is 100-continue', async () => {
    const agent = new Agent()
    const headers = { expect: '100-continue', 'content-type': 'application/json' }
    const payload = '{"title":"x","year":2020}'
    const answer = await sendRaw(app.listeningOrigin, agent, { method: 'POST', url: '/probe', headers, payload })
    expect(answer.statusCode).toBe(200)
    agent.destroy()
  })
})
