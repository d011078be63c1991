import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { as, byHeader, makeAuthor } from '../../support/review-factory.ts'
import { type Ask, ask } from '../../support/social-factory.ts'

let ctx: TestContext
let app: App
let asks: Ask
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { authenticate: byHeader })
  asks = ask(app)
  return () => ctx[Symbol.asyncDispose]()
})

describe.each(['followers', 'following', 'watchlist', 'favorites', 'watched', 'statistics'])(
  'somebody’s %s',
  (what) => {
    it('has a tag, which is asked about until it has changed', async () => {
      const [ada, fan, title] = [await makeAuthor(ctx.db), await makeAuthor(ctx.db), await makeTitle(ctx.db)]
      const url = `/api/v1/users/${ada.id}/${what}`
      const open = (headers: Record<string, string> = {}) => app.inject({ url, headers })
      const first = await open()
      const { etag } = first.headers
      expect([first.statusCode, typeof etag]).toEqual([200, 'string'])
      expect(first.headers).toMatchObject({
        'cache-control': 'public, no-cache',
        'content-type': 'application/json; charset=utf-8',
        vary: expect.stringContaining('authorization'),
      })
      const again = await open({ 'if-none-match': String(etag) })
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag])
      await asks(fan, 'POST', `/users/${ada.id}/follow`)
      await asks(ada, 'POST', `/users/${fan.id}/follow`)
      for (const list of ['watchlist', 'favorites', 'watched']) {
        await asks(
          ada,
          'POST',
          `/users/${list}/${title.id}`,
          list === 'watched' ? { keep_on_watchlist: true } : undefined,
        )
      }
      const changed = await open({ 'if-none-match': String(etag) })
      expect([changed.statusCode, changed.headers.etag === etag]).toEqual([200, false])
      const signedIn = await open(as(fan))
      expect(signedIn.headers).toMatchObject({ 'cache-control': 'private, no-cache', etag: expect.any(String) })
      // What its reader may no longer see is no 304, whatever tag they have.
      await asks(ada, 'POST', `/users/${fan.id}/block`)
      expect((await open({ ...as(fan), 'if-none-match': String(signedIn.headers.etag) })).statusCode).toBe(404)
    })
  },
)
