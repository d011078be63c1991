import { describe, expect, it } from 'vitest'
import { type Log, openLineLog, openLog, requestLog } from '../../src/infra/logger.ts'

function logTo(level: 'info' | 'warn' = 'info') {
  const written: string[] = []
  const log: Log = openLog({ LOG_LEVEL: level }, { write: (line) => void written.push(line) })
  const lines = (): unknown[] => written.map((line) => JSON.parse(line))
  return { log, lines, text: () => written.join('') }
}

describe('a log line', () => {
  it('is one JSON object with level and time in words', () => {
    const { log, lines } = logTo()
    log.info({ route: '/api/v1/movies' }, 'it\nwent well')
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        route: '/api/v1/movies',
        msg: 'it\nwent well',
      },
    ])
  })

  it('tells an error with its cause', () => {
    const { log, lines } = logTo()
    log.error({ err: new Error('could not read', { cause: new Error('the database is away') }) }, 'failed')
    expect(lines()[0]).toMatchObject({
      level: 'error',
      err: { type: 'Error', message: expect.stringContaining('could not read') },
    })
    expect(JSON.stringify(lines()[0])).toContain('the database is away')
  })

  it('is not written under the level', () => {
    const { log, lines } = logTo('warn')
    log.info('nothing to see')
    log.warn('look')
    expect(lines()).toEqual([expect.objectContaining({ msg: 'look' })])
  })
})

describe('a secret', () => {
  const secret = 'LemonPie!2026'

  it.each([
    { password: secret },
    { token: secret },
    { access_token: secret },
    { refresh_token: secret },
    { secret },
    { authorization: `Bearer ${secret}` },
    { cookie: `session=${secret}` },
    { body: { password: secret } },
    { body: { refresh_token: secret } },
    { user: { token: secret } },
    { headers: { authorization: secret } },
    { headers: { cookie: secret } },
    { headers: { 'set-cookie': secret } },
    { req: { headers: { authorization: secret, cookie: secret } } },
    { res: { headers: { 'set-cookie': secret } } },
    { req: { body: { users: [{ password: secret }, { token: secret }] } } },
    { body: { current_password: secret, new_password: secret } },
    { Authorization: secret },
    { headers: { AUTHORIZATION: secret, 'Proxy-Authorization': secret, 'Set-Cookie': secret, 'X-Api-Key': secret } },
    { config: { JWT_SECRET: secret, VAPID_PRIVATE_KEY: secret } },
    { accessToken: secret, clientSecret: secret },
    { headers: Object.assign(Object.create(null), { cookie: secret }) },
  ])('is not written: %j', (fields) => {
    const { log, text } = logTo()
    log.info(fields, 'message')
    log.child(fields).info('from a child')
    log.child({}).child(fields).info('from a grandchild')
    expect(text()).toContain('[redacted]')
    expect(text()).not.toContain(secret)
  })

  it('stays in what was logged: only the line is without it', () => {
    const { log, lines } = logTo()
    const body = { password: secret, list: [{ token: secret, name: 'Ada' }] }
    log.info({ body }, 'message')
    expect(body).toEqual({ password: secret, list: [{ token: secret, name: 'Ada' }] })
    expect(lines()).toMatchObject([{ body: { password: '[redacted]', list: [{ token: '[redacted]', name: 'Ada' }] } }])
  })
})

describe('a line that is JSON already', () => {
  it('is what pino makes of the same fields', () => {
    const { log, lines, text } = logTo()
    requestLog(log, 'abc-123').info({ route: '/a"b', status: 200 }, 'request')
    openLineLog(log)(',"request_id":"abc-123","route":"/a\\"b","status":200,"msg":"request"')
    const [byPino, byHand] = text()
      .trimEnd()
      .replaceAll(/"time":"[^"]+"/g, '"time":""')
      .split('\n')
    expect(byHand).toBe(byPino)
    expect(lines()[1]).toMatchObject({ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), request_id: 'abc-123' })
  })

  it('is not written under the level', () => {
    const { log, lines } = logTo('warn')
    openLineLog(log)(',"msg":"request"')
    expect(lines()).toEqual([])
  })

  it('tells a destination that asks its level', () => {
    const metadata = Symbol.for('pino.metadata')
    const levels: number[] = []
    const destination = { [metadata]: true, lastLevel: 0, write: () => void levels.push(destination.lastLevel) }
    const log = openLog({ LOG_LEVEL: 'info' }, destination)
    log.error('broken')
    openLineLog(log)(',"msg":"request"')
    expect(levels).toEqual([50, 30])
  })
})

describe('the log of a request', () => {
  it('has its id on all lines, its children and errors too, and lets the one above be', () => {
    const { log, lines } = logTo()
    const ofRequest = requestLog(log.child({ of: 'api' }), 'abc-123')
    ofRequest.child({ job: 'mail', token: 'LemonPie!2026' }).info('sent')
    ofRequest.error({ err: new Error('away'), password: 'LemonPie!2026' }, 'failed')
    log.info('started')
    expect(lines()).toMatchObject([
      { of: 'api', request_id: 'abc-123', job: 'mail', token: '[redacted]' },
      { of: 'api', request_id: 'abc-123', level: 'error', password: '[redacted]', err: { message: 'away' } },
      { msg: 'started' },
    ])
    expect(lines()[2]).not.toHaveProperty('request_id')
  })
})
