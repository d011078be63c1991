import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { openQueues } from '../../../src/infra/queues.ts'
import { queueNames } from '../../../src/lib/queue-table.ts'
import { makeAccount, makeSession } from '../../support/account-factory.ts'
import { testApp } from '../../support/context.ts'
import { makeDeadJobs } from '../../support/dead-job-factory.ts'
import { type DeliveryContext, deliveryContext } from '../../support/delivery.ts'

let ctx: DeliveryContext
let app: App
beforeAll(async () => {
  ctx = await deliveryContext()
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})
beforeEach(() => ctx.loseJobs().catch(() => {}))

const origin = 'http://localhost:80'
const opened = (headers: Readonly<Record<string, string>>) =>
  app.inject({ method: 'POST', url: '/api/v1/admin/job-board-sessions', headers })

/** An administrator whose browser has the board's cookie. */
async function openBoard() {
  const session = await makeSession(ctx, app, await makeAccount(ctx.db, { role: 'admin' }))
  const answer = await opened(session.headers)
  expect(answer.statusCode, answer.body).toBe(204)
  const [cookie] = answer.cookies as unknown as Array<{
    name: string
    value: string
    path: string
    httpOnly: boolean
    sameSite: string
    maxAge: number
  }>
  const headers = { cookie: `${cookie!.name}=${cookie!.value}` }
  return {
    session,
    cookie: cookie!,
    get: (url: string, more: object = {}) => app.inject({ url, headers: { ...headers, ...more } }),
    put: (url: string, more: object = { origin }) =>
      app.inject({ method: 'PUT', url, headers: { ...headers, host: 'localhost:80', ...more } }),
  }
}

const audited = async (actor: string) =>
  (await ctx.db.selectFrom('audit_log').select('action').where('actor_id', '=', actor).orderBy('id').execute()).map(
    ({ action }) => action,
  )

describe('the board', () => {
  it('shows an administrator the queues and their jobs, wherever these live', async () => {
    const [id = ''] = await makeDeadJobs(ctx, 1)
    const board = await openBoard()
    const page = await board.get('/job-board/')
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.body).toContain('<base href="/job-board/"')
    expect(page.body).not.toContain('https://')
    const script = /<script defer src="(static\/[^"]+)"/.exec(page.body)?.[1]
    expect((await board.get(`/job-board/${script}`)).headers['content-type']).toContain('javascript')
    const { queues } = (
      await board.get('/job-board/api/queues?activeQueue=mail&status=failed&page=1&jobsPerPage=10')
    ).json()
    expect(queues.map(({ name }: { name: string }) => name).sort()).toEqual([...queueNames].sort())
    const mail = queues.find(({ name }: { name: string }) => name === 'mail')
    expect(mail.counts.failed).toBe(1)
    expect(mail.jobs).toMatchObject([{ id, failedReason: '550 no such mailbox' }])
    expect((await board.get(`/job-board/queue/mail/${id}`)).statusCode).toBe(200)
  })

  it('comes with a policy under which nothing but its own files is run, and is kept by no cache', async () => {
    const { headers } = await (await openBoard()).get('/job-board/')
    expect(headers['content-security-policy']).toMatch(/script-src 'self';.*frame-ancestors 'none'/)
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/)
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
    })
  })

  it('retries and drops dead jobs as the API does, and writes down who did', async () => {
    const [one = '', two = ''] = await makeDeadJobs(ctx, 2)
    const board = await openBoard()
    expect((await board.put(`/job-board/api/queues/mail/${one}/retry`)).statusCode).toBe(204)
    expect((await board.put(`/job-board/api/queues/mail/${two}/clean`)).statusCode).toBe(204)
    const queues = openQueues(ctx)
    expect(await queues.counts('mail')).toMatchObject({ waiting: 1, failed: 0 })
    await queues.close()
    const { rows } = await sql`select from handled_events where event_id = ${two.slice(4, 40)}::uuid`.execute(ctx.db)
    expect(rows).toHaveLength(1)
    expect(await audited(board.session.account.id)).toEqual([
      'session.started',
      'job_board.opened',
      'job.retried',
      'job.dropped',
    ])
  })

  it('does so with all of a queue too', async () => {
    await makeDeadJobs(ctx, 5)
    const board = await openBoard()
    expect((await board.put('/job-board/api/queues/mail/retry/failed')).json()).toEqual({ retried: 5, skipped: 0 })
    const gone = await makeDeadJobs(ctx, 3)
    expect((await board.put('/job-board/api/queues/mail/clean/failed')).statusCode).toBe(200)
    const { rows } =
      await sql`select from handled_events where event_id = any(${gone.map((id) => id.slice(4, 40))}::uuid[])`.execute(
        ctx.db,
      )
    expect(rows).toHaveLength(3)
  })

  it.each([
    ['PUT', 'queues/pause'],
    ['PUT', 'queues/mail/pause'],
    ['PUT', 'queues/mail/empty'],
    ['PUT', 'queues/mail/obliterate'],
    ['PUT', 'queues/mail/promote'],
    ['PUT', 'queues/mail/concurrency'],
    ['PUT', 'queues/mail/rate-limit'],
    ['PUT', 'queues/mail/retry/completed'],
    ['PUT', 'queues/mail/clean/waiting'],
    ['POST', 'queues/mail/add'],
    ['PATCH', 'queues/mail/evt-x/update-data'],
    ['PUT', 'queues/schedules/job-schedulers/prune-events/remove'],
    ['PATCH', 'queues/schedules/job-schedulers/prune-events'],
  ] as const)('has no way to %s %s, which neither marks nor writes down anything', async (method, path) => {
    await makeDeadJobs(ctx, 1)
    const { cookie } = await openBoard()
    const headers = { cookie: `${cookie.name}=${cookie.value}`, origin, host: 'localhost:80' }
    const answer = await app.inject({ method, url: `/job-board/api/${path}`, headers })
    expect([404, 405], answer.body).toContain(answer.statusCode)
    const queues = openQueues(ctx)
    expect(await queues.counts('mail')).toMatchObject({ failed: 1 })
    await queues.close()
  })
})

describe('its guard', () => {
  it('gives a cookie that no script reads, no other site sends and no other path gets, for a quarter of an hour', async () => {
    const { cookie } = await openBoard()
    expect(cookie).toMatchObject({ path: '/job-board', httpOnly: true, sameSite: 'Strict', maxAge: 900 })
    const secure = await app.inject({
      method: 'POST',
      url: '/api/v1/admin/job-board-sessions',
      headers: (await makeSession(ctx, app, await makeAccount(ctx.db, { role: 'admin' }))).headers,
    })
    expect(secure.headers['set-cookie']).not.toContain('Secure')
  })

  it('gives it to administrators alone', async () => {
    for (const role of ['user', 'critic', 'moderator'] as const) {
      const { headers } = await makeSession(ctx, app, await makeAccount(ctx.db, { role }))
      const answer = await opened(headers)
      expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([403, undefined])
    }
    expect((await opened({})).statusCode).toBe(401)
  })

  it.each([
    ['is demoted', (id: string) => sql`update users set role = 'moderator' where id = ${id}`],
    ['is suspended', (id: string) => sql`update users set suspended_at = now() where id = ${id}`],
    [
      'has signed out',
      (id: string) => sql`update sessions set ended_at = now(), end_reason = 'signed_out' where user_id = ${id}`,
    ],
  ])('shuts at once for who %s', async (_what, change) => {
    const board = await openBoard()
    const [job = ''] = await makeDeadJobs(ctx, 1)
    expect((await board.get('/job-board/api/queues')).statusCode).toBe(200)
    await change(board.session.account.id).execute(ctx.db)
    for (const answer of [
      await board.get('/job-board/api/queues'),
      await board.get('/job-board/'),
      await board.put(`/job-board/api/queues/mail/${job}/retry`),
    ])
      expect(answer.statusCode).toBe(403)
    expect(await audited(board.session.account.id)).not.toContain('job.retried')
  })

  it('knows a cookie that is forged, of another key, or over', async () => {
    const { cookie } = await openBoard()
    const [payload = '', signature = ''] = cookie.value.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const longer = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 3600 })).toString('base64url')
    const values = [`${longer}.${signature}`, payload, `${payload}.`, `${payload}.${signature}.x`, 'x', `.${signature}`]
    for (const value of values) {
      const answer = await app.inject({ url: '/job-board/api/queues', headers: { cookie: `${cookie.name}=${value}` } })
      expect(answer.statusCode, value).toBe(403)
    }
    const realNow = Date.now
    try {
      Date.now = () => realNow() + 16 * 60_000
      const late = await app.inject({
        url: '/job-board/api/queues',
        headers: { cookie: `${cookie.name}=${cookie.value}` },
      })
      expect(late.statusCode).toBe(403)
    } finally {
      Date.now = realNow
    }
  })

  it('takes no access token for the board, and no board cookie for the API', async () => {
    const { session, cookie } = await openBoard()
    expect((await app.inject({ url: '/job-board/api/queues', headers: session.headers })).statusCode).toBe(403)
    const headers = { cookie: `${cookie.name}=${cookie.value}` }
    expect((await app.inject({ url: '/api/v1/admin/dead-jobs', headers })).statusCode).toBe(401)
    const bearer = { authorization: `Bearer ${cookie.value}` }
    expect((await app.inject({ url: '/api/v1/admin/dead-jobs', headers: bearer })).statusCode).toBe(401)
  })

  it('changes nothing for another site’s page, nor for a request that names none', async () => {
    const board = await openBoard()
    const [id = ''] = await makeDeadJobs(ctx, 1)
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:81' },
    ]) {
      for (const act of [`${id}/retry`, `${id}/clean`, 'retry/failed', 'clean/failed'])
        expect((await board.put(`/job-board/api/queues/mail/${act}`, headers)).statusCode).toBe(403)
    }
    const queues = openQueues(ctx)
    expect(await queues.counts('mail')).toMatchObject({ failed: 1 })
    await queues.close()
  })

  it('leads people to where the board is opened', async () => {
    const answer = await app.inject({ url: '/job-board/queue/mail', headers: { accept: 'text/html' } })
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/job-board'])
    const page = await app.inject('/job-board')
    expect(page.statusCode).toBe(200)
    for (const [, url = ''] of page.body.matchAll(/(?:href|src)="(\/[^"]*)"/g))
      expect((await app.inject(url)).statusCode, url).toBe(200)
    expect((await app.inject('/assets/job-board.js')).body).not.toMatch(/innerHTML|eval\(/)
  })
})
