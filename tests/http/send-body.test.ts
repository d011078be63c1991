import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { matchesTag, sendBody } from '../../src/http/send-body.ts'
import { bodyOf } from '../../src/infra/cache-body.ts'
import { Type } from '../../src/lib/typebox.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'

const large = bodyOf(Buffer.from(JSON.stringify({ plot: 'Ọ̀lọ́tūré '.repeat(200) })))
const small = bodyOf(Buffer.from('{"title":"93 Days"}'))

const routes = (app: App): void => {
  const config = { access: 'public' } as const
  for (const [path, body] of [
    ['/large', large],
    ['/small', small],
  ] as const) {
    app.get(
      path,
      { config, schema: { operationId: `get${path.slice(1)}`, response: { 200: Type.Object({}) } } },
      async (request, reply) => sendBody(request, reply, body, 'public, max-age=60'),
    )
  }
}

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { routes })
  return () => ctx[Symbol.asyncDispose]()
})

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })

describe('a body', () => {
  it('is sent as its bytes, with its tag and what caches may do', async () => {
    const answer = await get('/large')
    expect(answer.statusCode).toBe(200)
    expect(answer.rawPayload).toEqual(large.json)
    expect(answer.headers).toMatchObject({
      etag: large.etag,
      'cache-control': 'public, max-age=60',
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(large.json.length),
      vary: 'accept-encoding',
    })
  })

  it.each(['gzip', 'deflate, gzip;q=0.5, br', 'GZIP', 'br,gzip'])(
    'is compressed for %s, under a weak tag',
    async (encodings) => {
      const answer = await get('/large', { 'accept-encoding': encodings })
      expect(answer.headers).toMatchObject({
        'content-encoding': 'gzip',
        etag: `W/${large.etag}`,
        vary: 'accept-encoding',
      })
      expect(gunzipSync(answer.rawPayload)).toEqual(large.json)
    },
  )

  it.each(['identity', 'br', 'gzip;q=0', 'gzip;q=0.0, br', 'x-gzipped', ''])(
    'is not compressed for %s',
    async (encodings) => {
      const answer = await get('/large', { 'accept-encoding': encodings })
      expect(answer.headers['content-encoding']).toBeUndefined()
      expect(answer.rawPayload).toEqual(large.json)
    },
  )

  it('is not compressed when that saves nothing', async () => {
    const answer = await get('/small', { 'accept-encoding': 'gzip' })
    expect(answer.headers['content-encoding']).toBeUndefined()
    expect(answer.headers.vary).toBeUndefined()
    expect(answer.json()).toEqual({ title: '93 Days' })
  })

  it('is not sent again to who has it, compressed or not', async () => {
    for (const tag of [large.etag, `W/${large.etag}`, '*', `"other", W/${large.etag}`]) {
      const answer = await get('/large', { 'if-none-match': tag, 'accept-encoding': 'gzip' })
      expect([answer.statusCode, answer.body]).toEqual([304, ''])
      expect(answer.headers).toMatchObject({ etag: `W/${large.etag}`, 'cache-control': 'public, max-age=60' })
      expect(answer.headers['content-type']).toBeUndefined()
    }
    expect((await get('/large', { 'if-none-match': '"other"' })).statusCode).toBe(200)
  })

  it('is left out for HEAD, its headers are not', async () => {
    const answer = await app.inject({ method: 'HEAD', url: '/large' })
    expect(answer.body).toBe('')
    expect(answer.headers).toMatchObject({ etag: large.etag, 'content-length': String(large.json.length) })
  })
})

describe('tags', () => {
  it('match by weak comparison', () => {
    expect(matchesTag('"a"', '"a"')).toBe(true)
    expect(matchesTag('W/"a"', '"a"')).toBe(true)
    expect(matchesTag('"b" , W/"a"', 'W/"a"')).toBe(true)
    expect(matchesTag('*', '"a"')).toBe(true)
    expect(matchesTag('a', '"a"')).toBe(false)
    expect(matchesTag('"b","c"', '"a"')).toBe(false)
    expect(matchesTag('', '"a"')).toBe(false)
  })
})
