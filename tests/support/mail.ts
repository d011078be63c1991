import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Needs } from '../../src/context.ts'

/** A mail as its reader gets it. */
export interface ReadMail {
  readonly headers: Readonly<Record<string, string>>
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** The addresses in its text. */
  readonly links: readonly string[]
}

const fromQuotedPrintable = (text: string): Buffer =>
  Buffer.from(
    text
      .replace(/=\r?\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_code, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

const encodedWord = /=\?utf-8\?([bq])\?([^?]*)\?=/gi
const decodeWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(encodedWord, (_word, kind: string, content: string) =>
      (kind.toLowerCase() === 'b'
        ? Buffer.from(content, 'base64')
        : fromQuotedPrintable(content.replaceAll('_', ' '))
      ).toString(),
    )

function split(source: string): { headers: Record<string, string>; body: string } {
  const end = source.search(/\r?\n\r?\n/)
  const lines = source
    .slice(0, end)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())]
  })
  return { headers: Object.fromEntries(headers), body: source.slice(end).replace(/^(?:\r?\n){2}/, '') }
}

/** Reads a mail of two parts, text and HTML, from its source. */
export function readMail(source: string): ReadMail {
  const { headers, body } = split(source)
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1] ?? ''
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r?\n/, '')))
  const content = (type: string): string => {
    const part = parts.find((one) => one.headers['content-type']?.startsWith(type))
    if (!part) return ''
    const encoding = part.headers['content-transfer-encoding']
    const decoded =
      encoding === 'base64'
        ? Buffer.from(part.body, 'base64')
        : encoding === 'quoted-printable'
          ? fromQuotedPrintable(part.body)
          : Buffer.from(part.body)
    return decoded.toString().replaceAll('\r\n', '\n')
  }
  const text = content('text/plain')
  return {
    headers,
    to: headers.to ?? '',
    subject: headers.subject ?? '',
    text,
    html: content('text/html'),
    links: text.match(/https?:\/\/\S+/g) ?? [],
  }
}

/** The mails that this context has sent, in the order of their events, where no mail server was named. */
export async function sentMails({ config }: Needs<'config'>): Promise<ReadMail[]> {
  const folder = config.MAIL_DIR as string
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => name.endsWith('.eml')).sort()
  return Promise.all(files.map(async (name) => readMail(await readFile(path.join(folder, name), 'utf8'))))
}
