import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createTransport } from 'nodemailer'
import type { Config } from '../config.ts'
import type { Log } from './logger.ts'
import { defaultMailDir, type Mailer } from './mail-messages.ts'
import { renderMail } from './mail-render.ts'
import { PermanentError } from './permanent-error.ts'

/** An idle connection is closed after a minute: most servers close it themselves a little later, in mid-mail. */
const pool = { pool: true, maxConnections: 5, maxMessages: 100, idleTimeout: 60_000 } as const
const timeouts = {
  dnsTimeout: 5_000,
  connectionTimeout: 5_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
} as const

interface SmtpError extends Error {
  readonly code?: string
  readonly responseCode?: number
}

/** The server has refused this recipient or this mail. A refused login is our mistake, which somebody may mend. */
const isFinal = ({ code, responseCode = 0 }: SmtpError): boolean =>
  (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 500 && responseCode < 600

const addresses = /[^\s<>"',;]+@[^\s<>"',;]+/g

/**
 * What went wrong, in the server's words but for the addresses in them: it is logged, and kept for weeks with a job that
 * failed for good.
 */
function withoutAddresses(error: SmtpError): SmtpError {
  const message = error.message.replace(addresses, '…')
  if (isFinal(error)) return new PermanentError(`the mail server refuses the mail: ${message}`)
  const { code, responseCode } = error
  return Object.assign(new Error(message), { ...(code && { code }), ...(responseCode && { responseCode }) })
}

/** The domain of the sender's address, where Message-IDs are made. */
const domainOf = (from: string): string => /@([^\s>]+)/.exec(from)?.[1] ?? 'lemonnpie.test'

const safe = (text: string): string => text.replace(/[^\w.-]/g, '_')

/** Hands a mail over: the composed mail, and the name of a file for it. */
type Deliver = (mail: Composed, fileName: string) => Promise<void>

interface Composed {
  readonly from: string
  readonly to: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly messageId: string
  readonly headers: Readonly<Record<string, string>>
}

function overSmtp(url: string): { deliver: Deliver; close: () => void } {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const transport = createTransport({
    ...pool,
    ...timeouts,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    // A login in the clear, or a connection that somebody talked out of TLS, stays on this machine.
    requireTLS: username !== '' && !secure && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname),
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  })
  return {
    deliver: async (mail) => {
      await transport.sendMail(mail)
    },
    close: () => transport.close(),
  }
}

/** Written beside its place first, so that whoever looks sees whole mails. */
function asFiles(folder: string): { deliver: Deliver; close: () => void } {
  const composer = createTransport({ streamTransport: true, buffer: true })
  return {
    deliver: async (mail, fileName) => {
      const { message } = await composer.sendMail(mail)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const unfinished = path.join(folder, `.${fileName}.part`)
      // For its owner alone: a link in it opens an account.
      await writeFile(unfinished, message as Buffer, { mode: 0o600 })
      await rename(unfinished, path.join(folder, fileName))
    },
    close: () => composer.close(),
  }
}

/** Mails over SMTP_URL on a few kept connections, or else as files in MAIL_DIR. It connects on the first mail. */
export function openMailer(config: Pick<Config, 'SMTP_URL' | 'MAIL_FROM' | 'MAIL_DIR'>, log: Log): Mailer {
  const { deliver, close } = config.SMTP_URL
    ? overSmtp(config.SMTP_URL)
    : asFiles(path.resolve(config.MAIL_DIR ?? defaultMailDir))
  const domain = domainOf(config.MAIL_FROM)
  return {
    async send({ id, to, template, data, unsubscribe }) {
      const name = `${safe(id)}.${template}`
      const mail: Composed = {
        from: config.MAIL_FROM,
        // Not as text: an address with a comma in it would be two.
        to: { name: '', address: to },
        ...renderMail(template, data),
        messageId: `<${name}@${domain}>`,
        headers: {
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          ...(unsubscribe && {
            'List-Unsubscribe': `<${unsubscribe}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }),
        },
      }
      await deliver(mail, `${name}.eml`).catch((error: SmtpError) => {
        throw withoutAddresses(error)
      })
      log.info({ template, message_id: mail.messageId }, 'a mail was sent')
    },
    close: async () => close(),
  }
}
