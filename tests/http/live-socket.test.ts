import { connect } from 'node:net'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/http/app-type.ts'
import type { LivePolicy } from '../../src/http/live-policy.ts'
import { livePath } from '../../src/http/live-upgrade.ts'
import { bearer, madePassword, makeSession } from '../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../support/context.ts'
import { endingIn, type LiveClient, listen, openLive, refusedLive } from '../support/live-client.ts'

let ctx: TestContext
let app: App
let url: string
beforeAll(async () => {
  ctx = await testContext({
    env: { LOG_LEVEL: 'warn', WEB_ORIGINS: 'https://lemonnpie.example', TRUST_PROXY: '127.0.0.1' },
  })
  app = await testApp(ctx, { live: { tick: 20 } })
  url = await listen(app)
  return () => ctx[Symbol.asyncDispose]()
})

async function appWith(live: Partial<LivePolicy>) {
  const other = await testApp(ctx, { live: { tick: 20, ...live } })
  return { app: other, url: await listen(other) }
}

async function join(token: string, at = url): Promise<LiveClient> {
  const client = await openLive(at)
  client.say({ type: 'auth', token })
  await client.next('ready')
  return client
}

describe('opening', () => {
  it('refuses a token in the address, which logs and histories would keep', async () => {
    const { access } = await makeSession(ctx, app)
    const { status, body } = await refusedLive(`${url}?token=${access}`)
    expect([status, body.error]).toEqual([422, 'validation_error'])
    expect(body.details).toEqual([{ field: 'query.token', message: 'is not known here' }])
  })

  it('lets in programs and pages of known origins, and nobody else’s', async () => {
    const own = new URL(url.replace('ws:', 'http:')).origin
    for (const origin of ['https://lemonnpie.example', own]) {
      const client = await openLive(url, { headers: { origin } })
      client.socket.terminate()
    }
    for (const origin of ['https://evil.example', 'null', 'https://lemonnpie.example.evil.example', '']) {
      const { status, body } = await refusedLive(url, { headers: { origin } })
      expect([status, body.error], origin).toEqual([403, 'origin_not_allowed'])
    }
  })

  it('tells a plain request to come as a WebSocket, and upgrades nothing else', async () => {
    const plain = await app.inject(livePath)
    expect([plain.statusCode, plain.json().error, plain.headers.upgrade]).toEqual([
      426,
      'upgrade_required',
      'websocket',
    ])
    const h2 = { connection: 'Upgrade', upgrade: 'h2c' }
    expect((await fetch(`${url.replace('ws:', 'http:')}`, { headers: { accept: '*/*' } })).status).toBe(426)
    expect((await rawGet('/api/v1/meta', h2)).split('\r\n')[0]).toMatch(/^HTTP\/1\.1 (200|404) /)
    const genres = await refusedLive(url.replace(livePath, '/api/v1/nothing'))
    expect(genres.status).toBe(404)
  })

  it('refuses a broken handshake without keeping its connection', async () => {
    const answer = await rawGet(livePath, { connection: 'Upgrade', upgrade: 'websocket' })
    expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request')
  })
})

/** Sends one request by hand. @returns all that came until the server hung up or had answered */
function rawGet(path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const { hostname, port } = new URL(url)
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) })
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
      if (text.startsWith('HTTP/1.1 200') || text.startsWith('HTTP/1.1 404')) socket.end()
    })
    socket.on('close', () => resolve(text))
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  })
}

describe('the first message', () => {
  it('must come in time', async () => {
    const { url: at } = await appWith({ authentication: 60 })
    expect(await (await openLive(at)).closed()).toEqual([4408, 'auth_timeout'])
  })

  it.each([
    ['no JSON', 'hello', 4400, 'bad_frame'],
    ['another frame', '{"type":"pong"}', 4400, 'bad_frame'],
    ['resume before auth', '{"type":"resume","after":"1"}', 4400, 'bad_frame'],
    ['a field too many', '{"type":"auth","token":"a","admin":true}', 4400, 'bad_frame'],
    ['null', 'null', 4400, 'bad_frame'],
    ['no token at all', '{"type":"auth","token":"nonsense"}', 4401, 'unauthorized'],
    ['a token too large', JSON.stringify({ type: 'auth', token: 'x'.repeat(5_000) }), 1009, ''],
  ])('%s is refused', async (_what, text, code, reason) => {
    const client = await openLive(url)
    client.say(text)
    expect(await client.closed()).toEqual([code, reason])
    expect(client.frames).toEqual([])
  })

  it('is text', async () => {
    const client = await openLive(url)
    client.socket.send(Buffer.from('{"type":"pong"}'), { binary: true })
    expect(await client.closed()).toEqual([1003, 'binary'])
  })

  it('brings a token that is good now', async () => {
    const { access, headers } = await makeSession(ctx, app)
    const bad = [
      endingIn(ctx, access, -1),
      `${access.slice(0, -3)}${access.endsWith('AAA') ? 'BBB' : 'AAA'}`,
      `${access.split('.')[0]}.${access.split('.')[1]}.`,
    ]
    for (const token of bad) {
      const client = await openLive(url)
      client.say({ type: 'auth', token })
      expect(await client.closed()).toEqual([4401, 'unauthorized'])
    }
    await app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers })
    const client = await openLive(url)
    client.say({ type: 'auth', token: access })
    expect(await client.closed()).toEqual([4401, 'unauthorized'])
  })

  it('of somebody suspended is refused as such', async () => {
    const { access, account } = await makeSession(ctx, app)
    await ctx.db.updateTable('users').set({ suspended_at: sql`now()` }).where('id', '=', account.id).execute()
    const client = await openLive(url)
    client.say({ type: 'auth', token: access })
    expect(await client.closed()).toEqual([4403, 'suspended'])
  })
})

describe('what ends a session closes its sockets at once', () => {
  // Only what the database notifies can do it here: the set is looked through once an hour.
  let quiet: Awaited<ReturnType<typeof appWith>>
  beforeAll(async () => {
    quiet = await appWith({ sessions: 3_600_000 })
  })
  const made = async () => {
    const session = await makeSession(ctx, app)
    return { ...session, client: await join(session.access, quiet.url) }
  }

  it('signing out, and only that session', async () => {
    const { account, client, headers } = await made()
    const other = await join((await makeSession(ctx, app, account)).access, quiet.url)
    await app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers })
    expect(await client.closed()).toEqual([4443, 'revoked'])
    expect(other.socket.readyState).toBe(1)
    other.socket.terminate()
  })

  it('another password, but for the session that changed it', async () => {
    const { account, client } = await made()
    const own = await makeSession(ctx, app, account)
    const kept = await join(own.access, quiet.url)
    const answer = await app.inject({
      method: 'PUT',
      url: '/api/v1/auth/password',
      headers: bearer(own.access),
      payload: { current_password: madePassword, new_password: 'Jollof at the wedding 2027' },
    })
    expect(answer.statusCode).toBeLessThan(300)
    expect(await client.closed()).toEqual([4443, 'revoked'])
    expect(kept.socket.readyState).toBe(1)
    kept.socket.terminate()
  })

  it('a suspension', async () => {
    const { account, client } = await made()
    await ctx.db.updateTable('users').set({ suspended_at: sql`now()` }).where('id', '=', account.id).execute()
    expect(await client.closed()).toEqual([4403, 'suspended'])
  })

  it('another role', async () => {
    const { account, client } = await made()
    await ctx.db.updateTable('users').set({ role: 'critic' }).where('id', '=', account.id).execute()
    expect(await client.closed()).toEqual([4442, 'changed'])
  })

  it('erasing the account', async () => {
    const { account, client } = await made()
    await ctx.db.deleteFrom('users').where('id', '=', account.id).execute()
    expect(await client.closed()).toEqual([4443, 'revoked'])
  })

  it('a key that is retired', async () => {
    const { client } = await made()
    await sql`insert into signing_keys default values`.execute(ctx.db)
    await sql`update signing_keys set retired_at = now() where kid <> (
      select kid from signing_keys order by created_at desc, kid desc limit 1)`.execute(ctx.db)
    expect(await client.closed()).toEqual([4443, 'revoked'])
  })

  it('and if no notification comes, the next look at all of them does', async () => {
    const { url: at } = await appWith({ sessions: 50 })
    const { access, session } = await makeSession(ctx, app)
    const client = await join(access, at)
    await sql`alter table sessions disable trigger sessions_end_notice`.execute(ctx.db)
    await sql`update sessions set ended_at = now(), end_reason = 'test' where id = ${session}::uuid`.execute(ctx.db)
    await sql`alter table sessions enable trigger sessions_end_notice`.execute(ctx.db)
    expect(await client.closed()).toEqual([4443, 'revoked'])
  })
})

describe('a token that ends', () => {
  it('takes its socket with it', async () => {
    const { access } = await makeSession(ctx, app)
    const client = await join(endingIn(ctx, access, 2))
    expect(await client.closed()).toEqual([4441, 'expired'])
  })

  it('is renewed by a fresh one on the same socket', async () => {
    const { access } = await makeSession(ctx, app)
    const client = await join(endingIn(ctx, access, 2))
    client.say({ type: 'auth', token: endingIn(ctx, access, 4) })
    const { expires_at } = await client.next('renewed')
    const ends = Date.now()
    expect(await client.closed()).toEqual([4441, 'expired'])
    // It lived past its first token.
    expect(Date.parse(String(expires_at))).toBeLessThanOrEqual(Date.now())
    expect(Date.parse(String(expires_at))).toBeGreaterThan(ends)
    expect(client.frames.filter(({ type }) => type === 'ready')).toHaveLength(1)
  })

  it('is not renewed by somebody else’s, nor by a bad one', async () => {
    const [ada, bola] = [await makeSession(ctx, app), await makeSession(ctx, app)]
    for (const token of [bola.access, endingIn(ctx, ada.access, -1)]) {
      const client = await join(ada.access)
      client.say({ type: 'auth', token })
      expect(await client.closed()).toEqual([4401, 'unauthorized'])
    }
  })
})

describe('a client that', () => {
  it('says too much is closed', async () => {
    const { access } = await makeSession(ctx, app)
    const client = await join(access)
    for (let n = 0; n < 60; n += 1) client.say({ type: 'pong' })
    expect(await client.closed()).toEqual([4429, 'too_fast'])
  })

  it.each(['ping', 'pong'] as const)('sends a %s too many is ended', async (kind) => {
    const { access } = await makeSession(ctx, app)
    const client = await join(access)
    const ended = async () => {
      const { values } = await ctx.metrics.liveCloses.get()
      return values.find(({ labels }) => labels.reason === 'too_fast')?.value ?? 0
    }
    const before = await ended()
    for (let n = 0; n < 60; n += 1) client.socket[kind]()
    await client.closed()
    await expect.poll(ended).toBe(before + 1)
  })

  it('sends a message in many fragments is closed', async () => {
    const client = await openLive(url)
    for (let n = 0; n < 20; n += 1) client.socket.send('{', { fin: false })
    expect((await client.closed())[0]).toBe(1008)
  })

  it('says too much while it is found out who it is, is closed too', async () => {
    const { access } = await makeSession(ctx, app)
    const client = await openLive(url)
    client.say({ type: 'auth', token: access })
    for (let n = 0; n < 60; n += 1) client.say({ type: 'resume', after: '0' })
    expect(await client.closed()).toEqual([4429, 'too_fast'])
  })

  it('answers pings stays, and one that is silent goes', async () => {
    const { url: at } = await appWith({ ping: 40, idle: 400 })
    const { access } = await makeSession(ctx, app)
    const [answers, silent] = [await join(access, at), await join(access, at)]
    silent.socket.send = () => {}
    expect(await silent.closed()).toEqual([4409, 'idle'])
    expect(silent.frames.filter(({ type }) => type === 'ping').length).toBeGreaterThan(2)
    expect(answers.socket.readyState).toBe(1)
    answers.socket.terminate()
  })
})
