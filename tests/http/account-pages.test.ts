import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'

let ctx: TestContext
let app: App
beforeAll(async () => {
  ctx = await testContext({ redis: 'off' })
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

describe.each(['/verify-email', '/reset-password'])('the page %s', (url) => {
  it('is in our look, and refers only to what is there', async () => {
    const { statusCode, headers, body } = await app.inject(url)
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    for (const [, path] of body.matchAll(/(?:href|src)="(\/[^"]*)"/g)) {
      expect((await app.inject(path as string)).statusCode, path).toBe(200)
    }
    expect(body).toContain('/assets/front-page.css')
  })

  it('runs no script and sets no style but its files, and tells nobody where it was', async () => {
    const { body, headers } = await app.inject(url)
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=/)
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' })
    expect(body).toContain('<meta name="robots" content="noindex">')
  })
})

/** An element as the script uses it. */
const element = <M extends object>(more: M) => {
  const listeners = new Map<string, (event: object) => unknown>()
  return {
    textContent: '',
    className: '',
    hidden: true,
    addEventListener: (name: string, listener: (event: object) => unknown) => listeners.set(name, listener),
    fire: (name: string) => listeners.get(name)?.({ preventDefault: () => {} }),
    focus: () => {},
    setAttribute: () => {},
    remove: () => {},
    ...more,
  }
}

/** Runs the page's own script, its answers given by the test. */
async function open(path: string, hash: string, answer: { status: number; body?: object } | 'unreachable') {
  const calls: Array<[path: string, options: { method?: string; body?: string }]> = []
  const outcome = element({})
  const input = element({ type: 'password', value: 'a new password' })
  const [show, save] = [element({ textContent: 'Show' }), element({ disabled: false })]
  const form = element({ querySelector: () => input, querySelectorAll: () => [show, save] })
  const addresses: string[] = []
  const { body } = await app.inject('/assets/account-page.js')
  runInNewContext(body, {
    document: {
      querySelector: (selector: string) =>
        selector === '.outcome' ? outcome : path === '/reset-password' ? form : null,
    },
    location: { hash, pathname: path },
    history: { replaceState: (_state: null, _title: string, address: string) => addresses.push(address) },
    URLSearchParams,
    fetch: async (url: string, options: { method?: string; body?: string }) => {
      calls.push([url, options])
      if (answer === 'unreachable') throw new TypeError('no network')
      return { ok: answer.status < 400, json: async () => answer.body }
    },
  })
  await new Promise((resolve) => setImmediate(resolve))
  return { calls, outcome, form, input, show, addresses }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the script of these pages', () => {
  it('takes the token out of the address and confirms the e-mail with it', async () => {
    const page = await open('/verify-email', '#token=a%2Fb%3D', { status: 200 })
    expect(page.addresses).toEqual(['/verify-email'])
    expect(page.calls.map(([url]) => url)).toEqual(['/api/v1/auth/verify-email/a%2Fb%3D'])
    expect(page.outcome).toMatchObject({
      className: 'outcome good',
      textContent: expect.stringContaining('is confirmed'),
    })
  })

  it('says in the words of the API why it could not', async () => {
    const page = await open('/verify-email', '#token=old', {
      status: 410,
      body: { message: 'This link has been used' },
    })
    expect(page.outcome).toMatchObject({ className: 'outcome bad', textContent: 'This link has been used' })
  })

  it('says that the server is away', async () => {
    const page = await open('/verify-email', '#token=x', 'unreachable')
    expect(page.outcome.textContent).toContain('does not answer')
  })

  it.each(['/verify-email', '/reset-password'])('asks %s nothing without a token', async (path) => {
    const page = await open(path, '', { status: 200 })
    expect(page.calls).toEqual([])
    expect(page.outcome.textContent).toContain('not complete')
    expect(page.form.hidden).toBe(true)
  })

  it('saves a new password with the token', async () => {
    const page = await open('/reset-password', '#token=t', { status: 204 })
    expect([page.form.hidden, page.calls]).toEqual([false, []])
    page.show.fire('click')
    expect([page.input.type, page.show.textContent]).toEqual(['text', 'Hide'])
    page.form.fire('submit')
    await settled()
    const [[url, options]] = page.calls as [(typeof page.calls)[number]]
    expect([url, options.method]).toEqual(['/api/v1/auth/reset-password', 'POST'])
    expect(JSON.parse(options.body as string)).toEqual({ token: 't', password: 'a new password' })
    expect(page.outcome.textContent).toContain('is saved')
  })

  it('says what is wrong with a password, and lets it be typed again', async () => {
    const body = {
      message: 'The request is not valid',
      details: [{ field: 'body.password', message: 'is too common' }],
    }
    const page = await open('/reset-password', '#token=t', { status: 422, body })
    page.form.fire('submit')
    await settled()
    expect(page.outcome.textContent).toBe('The request is not valid: is too common')
  })

  it('puts what it shows in as text only', async () => {
    const { body } = await app.inject('/assets/account-page.js')
    expect(body).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
  })
})
