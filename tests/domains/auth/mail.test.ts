import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mailVerification } from '../../../src/domains/auth/mail.jobs.ts'
import type { App } from '../../../src/http/app-type.ts'
import { publish } from '../../../src/infra/outbox.ts'
import { tokenHash } from '../../../src/infra/secrets.ts'
import { inTx } from '../../../src/infra/tx.ts'
import {
  auditOf,
  bearer,
  freshEmail,
  logIn,
  madePassword,
  makeAccount,
  makeSession,
} from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { drain } from '../../support/events.ts'
import { type ReadMail, readMail } from '../../support/mail.ts'
import { type MailServer, startMailServer } from '../../support/smtp.ts'

let ctx: TestContext
let app: App
let server: MailServer
beforeAll(async () => {
  server = await startMailServer()
  ctx = await testContext({ env: { SMTP_URL: server.url, PUBLIC_URL: 'https://lemonnpie.example' } })
  app = await testApp(ctx)
  return async () => {
    await ctx[Symbol.asyncDispose]()
    await server.stop()
  }
})
beforeEach(async () => {
  await drain(ctx)
  server.received.length = 0
})

const post = (path: string, payload: object, headers = {}) =>
  app.inject({ method: 'POST', url: `/api/v1/auth/${path}`, payload, headers })
/** Lets the worker do its work. @returns what then lies in the mailbox of an address */
const mailsTo = async (email: string): Promise<ReadMail[]> => {
  await drain(ctx)
  return server.received.filter(({ to }) => to.includes(email)).map(({ source }) => readMail(source))
}
const tokenIn = ({ links }: ReadMail, page: string): string => {
  const found = links.find((link) => link.startsWith(`https://lemonnpie.example/${page}#token=`))
  return found!.split('token=')[1]!
}
const resetToken = async (email: string): Promise<string> => {
  await post('forgot-password', { email })
  return tokenIn((await mailsTo(email)).at(-1)!, 'reset-password')
}
const verify = (token: string) => app.inject(`/api/v1/auth/verify-email/${token}`)
const expire = (token: string) =>
  ctx.db
    .updateTable('mail_tokens')
    .set({ created_at: sql`now() - interval '3 days'`, expires_at: sql`now()` })
    .where('token_hash', '=', tokenHash(token))
    .execute()
const newPassword = 'Ofada rice at Iya Basira'

describe('the link that verifies an address', () => {
  it('comes after registering, to the address as it was typed, and counts from the next request on', async () => {
    const email = `Ifeoma.${freshEmail()}`
    const { access_token, user } = (await post('register', { email, password: newPassword, name: 'Ifeoma' })).json()
    const [mail, ...more] = await mailsTo(email)
    expect(more).toEqual([])
    expect(mail!.text).toContain('48')
    const token = tokenIn(mail!, 'verify-email')
    const outbox = await sql<{
      text: string
    }>`select string_agg(payload::text, ' ') as text from outbox_events`.execute(ctx.db)
    expect(outbox.rows[0]!.text).not.toContain(token)
    const answer = await verify(token)
    expect([answer.statusCode, answer.json()]).toEqual([200, { is_verified: true }])
    const again = await app.inject({
      method: 'POST',
      url: '/api/v1/auth/verify-email/resend',
      headers: bearer(access_token),
    })
    expect([again.statusCode, again.json().error]).toEqual([409, 'already_verified'])
    // A program that looks at mail may have been first.
    expect((await verify(token)).statusCode).toBe(200)
    expect((await auditOf(ctx.db, user.id)).filter((action) => action === 'email.verified')).toHaveLength(1)
  })

  it.each([
    ['You won: https://evil.test/prize', 'there'],
    ['Go to evil.test', 'there'],
    ['Adé O. Eze-Bánkọ́lé, Jr.', 'Adé O. Eze-Bánkọ́lé, Jr.'],
  ])('carries no link that whoever registers as %j has typed', async (name, greeted) => {
    const email = freshEmail()
    await post('register', { email, password: newPassword, name })
    const [mail] = await mailsTo(email)
    expect(mail!.text).toContain(`Hello ${greeted},`)
    expect(`${mail!.text}${mail!.html}`).not.toContain('evil.test')
  })

  it('is sent again to who asks, five times an hour at most, and not once it is of no use', async () => {
    const { account, headers } = await makeSession(ctx, app, await makeAccount(ctx.db, { is_verified: false }))
    const resend = () => app.inject({ method: 'POST', url: '/api/v1/auth/verify-email/resend', headers })
    for (let turn = 0; turn < 6; turn += 1) expect((await resend()).statusCode).toBe(202)
    const mails = await mailsTo(account.email)
    expect(mails).toHaveLength(5)
    await resend()
    await ctx.db.updateTable('users').set({ is_verified: true }).where('id', '=', account.id).execute()
    expect(await mailsTo(account.email)).toHaveLength(5)
    expect((await verify(tokenIn(mails[0]!, 'verify-email'))).statusCode).toBe(200)
  })

  it('is no good when it has expired, is for something else, or was never sent', async () => {
    const { account, headers } = await makeSession(ctx, app, await makeAccount(ctx.db, { is_verified: false }))
    await app.inject({ method: 'POST', url: '/api/v1/auth/verify-email/resend', headers })
    const token = tokenIn((await mailsTo(account.email))[0]!, 'verify-email')
    await expire(token)
    for (const bad of [token, await resetToken(account.email), 'never-sent']) {
      const answer = await verify(bad)
      expect([answer.statusCode, answer.json().error]).toEqual([404, 'link_not_good'])
    }
    expect((await verify('a%20b')).statusCode).toBe(422)
  })

  it('is the same when the mail is sent again after a crash', async () => {
    const { id, email } = await makeAccount(ctx.db, { is_verified: false })
    const event = { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a99', payload: { user_id: id } }
    await mailVerification.handle(ctx, event)
    await mailVerification.handle(ctx, event)
    expect(server.received).toHaveLength(1)
    await ctx.db.deleteFrom('handled_events').where('event_id', '=', event.id).execute()
    await mailVerification.handle(ctx, event)
    const [first, second] = await mailsTo(email)
    expect(second!.headers['message-id']).toBe(first!.headers['message-id'])
    expect(tokenIn(second!, 'verify-email')).toBe(tokenIn(first!, 'verify-email'))
  })
})

describe('a forgotten password', () => {
  it('is answered alike whether or not there is an account, and mailed where there is one', async () => {
    const { email } = await makeAccount(ctx.db, { email: `Forgetful.${freshEmail()}` })
    const unknown = freshEmail()
    for (const address of [email.toUpperCase(), unknown]) {
      const answer = await post('forgot-password', { email: address })
      expect([answer.statusCode, answer.body]).toEqual([
        202,
        JSON.stringify({ message: 'If the address has an account, a mail is on its way.' }),
      ])
    }
    const mails = await mailsTo(email)
    expect(mails.map(({ to }) => to)).toEqual([email])
    expect(mails[0]!.text).toContain('30')
    expect(await mailsTo(unknown)).toEqual([])
    expect((await post('forgot-password', { email: 'ada@localhost' })).statusCode).toBe(422)
  })

  it('is mailed five times an hour at most', async () => {
    const { email } = await makeAccount(ctx.db)
    for (let turn = 0; turn < 7; turn += 1) await post('forgot-password', { email })
    expect(await mailsTo(email)).toHaveLength(5)
  })

  it('is set anew by the link, once; every session ends, a lock opens, the address is verified, the owner is told', async () => {
    const { account, headers } = await makeSession(ctx, app, await makeAccount(ctx.db, { is_verified: false }))
    const { id, email } = account
    const other = await resetToken(email)
    const token = await resetToken(email)
    for (let turn = 0; turn < 6; turn += 1) await logIn(app, email, 'not the one')
    expect((await logIn(app, email)).statusCode).toBe(423)
    const answer = await post('reset-password', { token, password: newPassword })
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect((await app.inject({ url: '/api/v1/auth/sessions', headers })).statusCode).toBe(401)
    expect((await logIn(app, email)).statusCode).toBe(401)
    const entered = await logIn(app, email, newPassword)
    expect(entered.json().user).toMatchObject({ id, is_verified: true })
    for (const used of [token, other]) {
      const again = await post('reset-password', { token: used, password: 'Something else 9' })
      expect([again.statusCode, again.json().error]).toEqual([404, 'link_not_good'])
    }
    expect(await auditOf(ctx.db, id)).toEqual(
      expect.arrayContaining(['password.reset', 'session.ended', 'email.verified', 'login.locked']),
    )
    const notice = (await mailsTo(email)).find(({ text }) => text.includes('was changed'))
    expect(notice!.to).toBe(email)
    // The notice leads back to whoever reads the owner's mail, should it not have been them.
    const back = await post('reset-password', {
      token: tokenIn(notice!, 'reset-password'),
      password: 'Mine again 2026',
    })
    expect(back.statusCode).toBe(204)
  })

  it('is not set to a bad one, nor by a link that is no good, and nothing changes', async () => {
    const { email, id, password_hash } = await makeAccount(ctx.db)
    const token = await resetToken(email)
    for (const [password, message] of [
      ['short', 'is too short: 5 bytes, where at least 8 are needed'],
      ['password1', 'is among the 10,000 most leaked passwords'],
      [email, 'is like the e-mail address'],
    ]) {
      const answer = await post('reset-password', { token, password })
      expect(answer.json().details, password).toEqual([{ field: 'body.password', message }])
    }
    await expire(token)
    expect((await post('reset-password', { token, password: newPassword })).statusCode).toBe(404)
    expect((await post('reset-password', { token: 'never-sent', password: newPassword })).statusCode).toBe(404)
    const row = await ctx.db.selectFrom('users').select('password_hash').where('id', '=', id).executeTakeFirstOrThrow()
    expect(row.password_hash).toBe(password_hash)
  })

  it('is set by one of two at once', async () => {
    const { email } = await makeAccount(ctx.db)
    const token = await resetToken(email)
    const answers = await Promise.all(
      [newPassword, 'Another 2026'].map((password) => post('reset-password', { token, password })),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 404])
  })
})

describe('a changed password', () => {
  const change = (headers: { authorization: string }, current_password: string, new_password: string) =>
    app.inject({ method: 'PUT', url: '/api/v1/auth/password', headers, payload: { current_password, new_password } })
  const problem = (answer: { json: () => { details: unknown } }) => answer.json().details

  it('ends the other sessions, and is told', async () => {
    const { account, headers } = await makeSession(ctx, app)
    const other = await makeSession(ctx, app, account)
    const link = await resetToken(account.email)
    expect((await change(headers, madePassword, newPassword)).statusCode).toBe(204)
    expect((await app.inject({ url: '/api/v1/auth/sessions', headers })).statusCode).toBe(200)
    expect((await app.inject({ url: '/api/v1/auth/sessions', headers: other.headers })).statusCode).toBe(401)
    expect((await logIn(app, account.email, newPassword)).statusCode).toBe(200)
    expect((await post('reset-password', { token: link, password: 'Something else 9' })).statusCode).toBe(404)
    expect((await mailsTo(account.email)).map(({ text }) => text)).toContainEqual(
      expect.stringContaining('was changed'),
    )
    expect(await auditOf(ctx.db, account.id)).toContain('password.changed')
  })

  it('needs the present one, which cannot be guessed', async () => {
    const { account, headers } = await makeSession(ctx, app)
    for (let turn = 0; turn < 5; turn += 1) {
      const answer = await change(headers, 'not the one', newPassword)
      expect([answer.statusCode, problem(answer)]).toEqual([
        422,
        [{ field: 'body.current_password', message: 'is wrong' }],
      ])
    }
    expect((await change(headers, madePassword, newPassword)).statusCode).toBe(423)
    expect((await auditOf(ctx.db, account.id)).slice(1)).toEqual([
      ...Array(5).fill('password.change_failed'),
      'login.locked',
      'login.refused_locked',
    ])
  })

  it('must be another one, and a good one', async () => {
    const { headers } = await makeSession(ctx, app)
    expect(problem(await change(headers, madePassword, madePassword))).toEqual([
      { field: 'body.new_password', message: 'is the present password' },
    ])
    expect(problem(await change(headers, madePassword, 'okafor2026'))).toEqual([
      { field: 'body.new_password', message: 'is like the name' },
    ])
    expect((await app.inject({ method: 'PUT', url: '/api/v1/auth/password', payload: {} })).statusCode).toBe(401)
  })

  it('is the first of two at once', async () => {
    const { headers } = await makeSession(ctx, app)
    const answers = await Promise.all(
      [newPassword, 'Another 2026'].map((password) => change(headers, madePassword, password)),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 422])
  })

  it('is nobody’s when the account goes meanwhile', async () => {
    const { account } = await makeSession(ctx, app)
    const gone = await testApp(ctx, { actor: { id: account.id, role: 'user', isVerified: true } })
    await ctx.db.deleteFrom('users').where('id', '=', account.id).execute()
    const answer = await gone.inject({
      method: 'PUT',
      url: '/api/v1/auth/password',
      payload: { current_password: madePassword, new_password: newPassword },
    })
    expect(answer.statusCode).toBe(401)
  })
})

describe('a notice', () => {
  it('of a new device names device, address and time', async () => {
    const { email } = await makeAccount(ctx.db)
    const userAgent = 'Mozilla/5.0 (Linux; Android 14; TECNO CK7) Chrome/130.0 Mobile Safari/537.36'
    await logIn(app, email, madePassword, { remoteAddress: '102.89.23.10', headers: { 'user-agent': userAgent } })
    const [mail] = await mailsTo(email)
    for (const text of ['Chrome on Android', '102.89.23.10', 'Adaeze Okafor']) expect(mail!.text).toContain(text)
    const token = tokenIn(mail!, 'reset-password')
    expect((await post('reset-password', { token, password: newPassword })).statusCode).toBe(204)
  })

  it('says so when nothing is known of the address, and is not sent without end', async () => {
    const { account, session } = await makeSession(ctx, app)
    await ctx.db.updateTable('sessions').set({ address: null, user_agent: null }).where('id', '=', session).execute()
    const tell = (count: number) =>
      inTx(ctx, async (tx) => {
        for (let turn = 0; turn < count; turn += 1) {
          await publish(tx, 'session.new_device', { user_id: account.id, session_id: session })
          await publish(tx, 'password.changed', { user_id: account.id, changed_at: '2026-11-21T10:00:00.000Z' })
        }
      })
    await tell(1)
    expect((await mailsTo(account.email))[0]!.text).toContain('an unknown device')
    await ctx.db
      .insertInto('mail_tokens')
      .columns(['token_hash', 'purpose', 'user_id', 'expires_at'])
      .expression(
        sql`select sha256(n::text::bytea), 'secure_account'::mail_token_purpose, ${account.id}::uuid, now() + interval '1 day'
          from generate_series(1, 100) n` as never,
      )
      .execute()
    await tell(1)
    expect(await mailsTo(account.email)).toHaveLength(2)
  })

  it('goes to nobody when the account is gone', async () => {
    const user_id = '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b99'
    await inTx(ctx, async (tx) => {
      await publish(tx, 'email.verification_requested', { user_id })
      await publish(tx, 'password.changed', { user_id, changed_at: '2026-11-21T10:00:00.000Z' })
      await publish(tx, 'session.new_device', { user_id, session_id: user_id })
      for (const nobody of [user_id, null]) await publish(tx, 'password.reset_wanted', { user_id: nobody })
    })
    expect(await drain(ctx)).toHaveLength(5)
    expect(server.received).toEqual([])
  })
})
