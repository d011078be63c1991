import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'
import { Ajv } from 'ajv'
import formatsPlugin from 'ajv-formats'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import { closeTable } from '../../src/http/asyncapi.ts'
import { livePath } from '../../src/http/live-upgrade.ts'
import { makeSession } from '../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'
import { listen, openLive } from '../support/live-client.ts'
import { tell } from '../support/live-factory.ts'

interface Document {
  readonly asyncapi: string
  readonly info: { readonly description: string }
  readonly servers: Record<string, { readonly host: string; readonly protocol: string }>
  readonly channels: Record<string, { readonly address: string; readonly messages: object }>
  readonly components: {
    readonly messages: Record<string, { readonly payload: { $ref: string }; readonly examples: { payload: unknown }[] }>
    readonly schemas: Record<string, unknown>
  }
}

let ctx: TestContext
let app: App
let document: Document
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx, { live: { tick: 20, ping: 50, comeBack: 1_000 } })
  document = (await app.inject('/asyncapi.json')).json()
  return () => ctx[Symbol.asyncDispose]()
})

/** Checks a payload by the document alone. @returns what is wrong */
function checkerOf({ components }: Document): (type: string, payload: unknown) => string | null {
  const ajv = new Ajv({ strict: false, allErrors: true })
  ;(formatsPlugin as unknown as (ajv: Ajv) => void)(ajv)
  ajv.addSchema({ $id: 'doc', components })
  return (type, payload) => {
    const validate = ajv.compile({ $ref: `doc${components.messages[type]!.payload.$ref}` })
    return validate(payload) ? null : ajv.errorsText(validate.errors)
  }
}

describe('/asyncapi.json', () => {
  it('is AsyncAPI 3 without a fault', async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document))
    const faults = diagnostics
      .filter(({ severity }) => severity <= 1)
      .map(({ message, path }) => `${path.join('.')}: ${message}`)
    expect(faults).toEqual([])
    expect(parsed?.version()).toBe('3.0.0')
    const messages = parsed!
      .operations()
      .all()
      .map((operation) => [
        operation.action(),
        operation
          .messages()
          .all()
          .map((message) => message.id()),
      ])
    expect(messages).toEqual([
      ['receive', ['auth', 'resume', 'pong']],
      ['send', ['ready', 'renewed', 'notification', 'unread_count', 'ping', 'closing']],
    ])
  })

  it('says where the socket is and what its close codes mean', async () => {
    expect(document.channels.live?.address).toBe(livePath)
    expect(document.info.description).toContain(closeTable())
    expect(readFileSync('docs/live.md', 'utf8')).toContain(closeTable())
    const published = await testContext({ redis: 'off', env: { PUBLIC_URL: 'https://api.lemonnpie.example' } })
    try {
      const { servers } = (await (await testApp(published)).inject('/asyncapi.json')).json() as Document
      expect(servers.api).toMatchObject({ host: 'api.lemonnpie.example', protocol: 'wss' })
    } finally {
      await published[Symbol.asyncDispose]()
    }
  })

  it('has examples that are what its schemas say', () => {
    const problem = checkerOf(document)
    for (const [type, { examples }] of Object.entries(document.components.messages)) {
      expect(examples.length, type).toBeGreaterThan(0)
      for (const { payload } of examples) expect(problem(type, payload), type).toBeNull()
    }
  })

  it('describes the very frames that come', async () => {
    const problem = checkerOf(document)
    const url = await listen(app)
    const { access, account } = await makeSession(ctx, app)
    const client = await openLive(url)
    client.say({ type: 'auth', token: access })
    await client.next('ready')
    await tell(ctx, [account.id], { count: 2 })
    await client.next('unread_count')
    client.say({ type: 'auth', token: access })
    await client.next('renewed')
    await client.next('ping')
    await app.close()
    await client.closed()
    expect(new Set(client.frames.map(({ type }) => type))).toEqual(
      new Set(['ready', 'notification', 'unread_count', 'renewed', 'ping', 'closing']),
    )
    for (const frame of client.frames) expect(problem(frame.type, frame), frame.type).toBeNull()
  })

  it('is on the front page, answers who asks again with 304, and is what the repository has', async () => {
    const other = await testApp(ctx)
    expect((await other.inject('/')).body).toContain('href="/asyncapi.json"')
    const { headers } = await other.inject('/asyncapi.json')
    const again = await other.inject({ url: '/asyncapi.json', headers: { 'if-none-match': String(headers.etag) } })
    expect(again.statusCode).toBe(304)
    const committed = JSON.parse(readFileSync('asyncapi.json', 'utf8')) as Document
    expect(Object.keys(committed.components.messages)).toEqual(Object.keys(document.components.messages))
  })
})
