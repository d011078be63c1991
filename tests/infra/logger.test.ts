import { describe, expect, it } from 'vitest'
import { type Log, openLog } from '../../src/infra/logger.ts'

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
