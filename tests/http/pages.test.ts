import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { assetNames } from '../../src/http/assets.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext({ seeded: true })
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

/** What a page refers to, as paths of ours. */
const linksIn = (html: string): string[] =>
  [...html.matchAll(/(?:href|src|action)="(\/[^"]*)"/g)].map(([, path]) => path!)

describe('the front page', () => {
  it('says what this is, with live counts', async () => {
    const answer = await app.inject('/')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    const { rows } = await ctx.pool.query('select count(*)::int as titles from movies')
    expect(answer.body).toContain(`<dt>titles</dt><dd>${rows[0].titles}</dd>`)
    expect(answer.body).toContain('Nollywood')
  })

  it('refers only to what is there', async () => {
    const links = linksIn((await app.inject('/')).body)
    expect(links).toEqual(expect.arrayContaining(['/docs', '/openapi.json', '/health/ready', '/assets/front-page.js']))
    for (const url of links.filter((link) => !link.includes('/search'))) {
      expect((await app.inject(url)).statusCode, url).toBe(200)
    }
  })

  it('runs no script and sets no style but its files, and its policy allows no other', async () => {
    const { body, headers } = await app.inject('/')
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=/)
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin' })
  })

  it('puts what comes from the API in as text only', async () => {
    const { body } = await app.inject('/assets/front-page.js')
    expect(body).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
  })

  it('is there without its counts when the database is not', async () => {
    const away = await testContext({ redis: 'off', env: { DATABASE_URL: 'postgres://127.0.0.1:1/nowhere' } })
    const answer = await (await testApp(away)).inject('/')
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(answer.body).not.toContain('<dl')
    await away[Symbol.asyncDispose]()
  })

  it.each([...assetNames.map((name) => `/assets/${name}`), '/favicon.ico'])('has %s, kept by browsers', async (url) => {
    const answer = await app.inject(url)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('public, max-age=3600')
    const again = await app.inject({ url, headers: { 'if-none-match': String(answer.headers.etag) } })
    expect(again.statusCode).toBe(304)
  })
})

describe('the documentation', () => {
  it('is a page in our look, under a policy that allows its files', async () => {
    const answer = await app.inject('/docs')
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain('<title>LemonNPie API</title>')
    expect(String(answer.headers['content-security-policy'])).toContain("script-src 'self'")
    for (const url of linksIn(answer.body)) expect((await app.inject(url)).statusCode, url).toBe(200)
    expect((await app.inject('/docs/static/theme/lemonnpie.css')).body).toContain('#008751')
  })

  it('reads the document that clients are made from', async () => {
    const answer = await app.inject('/openapi.json')
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(app.swagger())))
    const again = await app.inject({ url: '/openapi.json', headers: { 'if-none-match': String(answer.headers.etag) } })
    expect(again.statusCode).toBe(304)
    expect((await app.inject('/docs/static/swagger-initializer.js')).body).toContain('/openapi.json')
  })

  it('names the server by its public address', async () => {
    const env = { PUBLIC_URL: 'https://api.lemonnpie.example' }
    const published = await testContext({ redis: 'off', env })
    const { servers } = (await (await testApp(published)).inject('/openapi.json')).json()
    expect(servers).toMatchObject([{ url: 'https://api.lemonnpie.example' }])
    await published[Symbol.asyncDispose]()
  })
})
