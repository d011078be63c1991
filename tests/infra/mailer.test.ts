import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { openLog } from '../../src/infra/logger.ts'
import { linkTo } from '../../src/infra/mail-links.ts'
import type { Mailer } from '../../src/infra/mail-messages.ts'
import { openMailer } from '../../src/infra/mailer.ts'
import { PermanentError } from '../../src/infra/permanent-error.ts'
import { readMail, sentMails } from '../support/mail.ts'
import { type MailServerOptions, startMailServer } from '../support/smtp.ts'

const closers: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const lines: string[] = []
const log = openLog({ LOG_LEVEL: 'info' }, { write: (line) => void lines.push(line) })
const configWith = (env: Record<string, string>) =>
  loadConfig({ DATABASE_URL: 'postgres://nobody@localhost/nowhere', NODE_ENV: 'test', ...env })

function open(env: Record<string, string>): Mailer {
  const mailer = openMailer(configWith(env), log)
  closers.push(() => mailer.close())
  return mailer
}
async function withServer(options: MailServerOptions = {}, env: Record<string, string> = {}) {
  const server = await startMailServer(options)
  closers.push(() => server.stop())
  return { server, mailer: open({ SMTP_URL: server.url, ...env }) }
}

const url = 'http://127.0.0.1:3000/verify-email#token=secret-token-of-the-link'
const verify = (to: string, id = '0198d1c4-0000-7000-8000-000000000001') =>
  ({ id, to, template: 'verify_email', data: { name: 'Ngọzi', url, expires_in_hours: 24 } }) as const

describe('a mail over SMTP', () => {
  it('arrives as text and HTML, from MAIL_FROM, and says that a machine wrote it', async () => {
    const { server, mailer } = await withServer({}, { MAIL_FROM: 'Lemon <hello@lemonnpie.example>' })
    await mailer.send(verify('ngozi@mail.test'))
    expect(server.received).toMatchObject([{ from: 'hello@lemonnpie.example', to: ['ngozi@mail.test'] }])
    const mail = readMail(server.received[0]!.source)
    expect(mail).toMatchObject({ to: 'ngozi@mail.test', subject: 'Confirm your e-mail address', links: [url] })
    expect(mail.headers).toMatchObject({ 'auto-submitted': 'auto-generated', from: 'Lemon <hello@lemonnpie.example>' })
    expect(mail.text).toContain('Hello Ngọzi,')
    expect(mail.html).toContain(`href="${url}"`)
  })

  it('has the same Message-ID when it is sent again, and another for another event', async () => {
    const { server, mailer } = await withServer()
    for (const id of ['event-1', 'event-1', 'event-2']) await mailer.send(verify('a@mail.test', id))
    const ids = server.received.map(({ source }) => readMail(source).headers['message-id'])
    expect(ids).toEqual([
      '<event-1.verify_email@lemonnpie.test>',
      '<event-1.verify_email@lemonnpie.test>',
      '<event-2.verify_email@lemonnpie.test>',
    ])
  })

  it('goes to one address, whatever is in it', async () => {
    const { server, mailer } = await withServer()
    await mailer.send(verify('a@mail.test, b@mail.test')).catch(() => {})
    await mailer.send(verify('"c, d" <d@mail.test>')).catch(() => {})
    for (const { to } of server.received) expect(to).toHaveLength(1)
    expect(server.received.flatMap(({ to }) => to)).not.toContain('b@mail.test')
  })

  it('shares its connections', async () => {
    const { server, mailer } = await withServer()
    for (let count = 0; count < 5; count++) await mailer.send(verify('a@mail.test', `event-${count}`))
    expect([server.received.length, server.connections()]).toEqual([5, 1])
  })

  it('logs in where SMTP_URL says as whom', async () => {
    const login = { user: 'lemon@pie', pass: 'p@ss/word' }
    const { server, mailer } = await withServer({ login })
    await mailer.send(verify('a@mail.test'))
    expect(server.received).toHaveLength(1)
    const wrong = open({ SMTP_URL: server.url.replace('word', 'wort') })
    const refused = await wrong.send(verify('a@mail.test')).catch((error) => error)
    expect(refused).toMatchObject({ code: 'EAUTH' })
    expect(refused).not.toBeInstanceOf(PermanentError) // somebody may mend the login
  })

  it('never sends a login in the clear to another machine', async () => {
    const login = { user: 'lemon', pass: 'pie' }
    const { server } = await withServer({ login })
    // This machine, by an address that looks like another's.
    const mailer = open({ SMTP_URL: server.url.replace('127.0.0.1', '[::ffff:7f00:1]') })
    const refused = await mailer.send(verify('a@mail.test')).catch((error) => error)
    expect([refused.code, server.connections(), server.received]).toEqual(['ETLS', 1, []])
  })

  it('that is refused for good is not to be tried again, and one that is refused for now is', async () => {
    const { mailer } = await withServer({ refuse: (to) => ({ 'gone@mail.test': 550, 'full@mail.test': 451 })[to] })
    const gone = await mailer.send(verify('gone@mail.test')).catch((error) => error)
    expect(gone).toBeInstanceOf(PermanentError)
    const full = await mailer.send(verify('full@mail.test')).catch((error) => error)
    expect(full).toMatchObject({ responseCode: 451 })
    expect(full).not.toBeInstanceOf(PermanentError)
    // Servers repeat the address; what a job failed by is logged, and kept with it.
    for (const error of [gone, full]) {
      expect(error.message).toContain('…')
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/(gone|full)@mail\.test/)
    }
  })

  it('fails when nobody is there, and is sent once somebody is', async () => {
    const server = await startMailServer()
    const mailer = open({ SMTP_URL: server.url })
    await server.stop()
    const failure = await mailer.send(verify('a@mail.test')).catch((error) => error)
    expect(failure).toMatchObject({ code: 'ESOCKET' })
    expect(failure).not.toBeInstanceOf(PermanentError)
  })
})

describe('a mail without a server', () => {
  it('is a file, the same one when it is sent again', async () => {
    const MAIL_DIR = await mkdtemp(path.join(tmpdir(), 'lemonnpie-mail-test-'))
    closers.push(() => rm(MAIL_DIR, { recursive: true }))
    const folder = path.join(MAIL_DIR, 'new')
    const mailer = open({ MAIL_DIR: folder })
    await mailer.send(verify('a@mail.test', 'event-1'))
    await mailer.send(verify('a@mail.test', 'event-1'))
    await mailer.send(verify('b@mail.test', '../../event:2'))
    expect((await readdir(folder)).sort()).toEqual(['.._.._event_2.verify_email.eml', 'event-1.verify_email.eml'])
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(path.join(folder, 'event-1.verify_email.eml'))).mode & 0o777).toBe(0o600)
    const mails = await sentMails({ config: configWith({ MAIL_DIR: folder }) })
    expect(mails.map(({ to, links }) => [to, links])).toEqual([
      ['b@mail.test', [url]],
      ['a@mail.test', [url]],
    ])
  })
})

it('nothing of a mail is logged but its template and its Message-ID', async () => {
  const { mailer } = await withServer()
  lines.length = 0
  await mailer.send(verify('ngozi@mail.test', 'event-9'))
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { template: 'verify_email', message_id: '<event-9.verify_email@lemonnpie.test>' },
  ])
  expect(lines.join()).not.toMatch(/ngozi|secret-token/i)
})

describe('a link', () => {
  it.each([
    [{ PUBLIC_URL: 'https://lemonnpie.example/' }, 'https://lemonnpie.example/verify-email#token=a%2Fb'],
    [{ PUBLIC_URL: 'https://example.org/films' }, 'https://example.org/films/verify-email#token=a%2Fb'],
    [{ PORT: '3001' }, 'http://127.0.0.1:3001/verify-email#token=a%2Fb'],
    [{ HOST: '0.0.0.0' }, 'http://localhost:3000/verify-email#token=a%2Fb'],
    [{ HOST: '::' }, 'http://[::1]:3000/verify-email#token=a%2Fb'],
    [{ HOST: 'fd00::1' }, 'http://[fd00::1]:3000/verify-email#token=a%2Fb'],
  ])('of %o leads to where people reach us, its token in the fragment', (env, expected) => {
    expect(linkTo(configWith(env as Record<string, string>), 'verify_email', 'a/b')).toBe(expected)
  })

  it('leads to the other page too', () => {
    expect(linkTo(configWith({}), 'reset_password', 'x')).toBe('http://127.0.0.1:3000/reset-password#token=x')
  })
})
