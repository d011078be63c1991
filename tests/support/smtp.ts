import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly source: string
}

export interface MailServer {
  readonly url: string
  readonly received: ReceivedMail[]
  /** How many connections were made. */
  readonly connections: () => number
  stop(): Promise<void>
}

export interface MailServerOptions {
  /** @returns the code to refuse a recipient with, 550 or 451; undefined takes the mail */
  readonly refuse?: (recipient: string) => number | undefined
  /** The one login that is taken; without it nobody need log in. */
  readonly login?: { readonly user: string; readonly pass: string }
}

/** A real SMTP server on this machine that keeps what it gets. */
export async function startMailServer({ refuse, login }: MailServerOptions = {}): Promise<MailServer> {
  const received: ReceivedMail[] = []
  let connections = 0
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: !login,
    allowInsecureAuth: true,
    logger: false,
    onConnect: (_session, callback) => {
      connections += 1
      callback()
    },
    onAuth: ({ username, password }, _session, callback) =>
      username === login?.user && password === login?.pass
        ? callback(null, { user: username })
        : callback(Object.assign(new Error('wrong login'), { responseCode: 535 })),
    onRcptTo: ({ address }, _session, callback) => {
      const code = refuse?.(address)
      callback(code === undefined ? null : Object.assign(new Error(`<${address}> is refused`), { responseCode: code }))
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom ? mailFrom.address : ''
        received.push({ from, to: rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString() })
        callback()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  const user = login ? `${encodeURIComponent(login.user)}:${encodeURIComponent(login.pass)}@` : ''
  return {
    url: `smtp://${user}127.0.0.1:${port}`,
    received,
    connections: () => connections,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
