import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fieldsOf, previewOf } from '../../scripts/mail-source.ts'
import type { MailData, MailTemplate } from '../../src/infra/mail-messages.ts'
import { renderMail } from '../../src/infra/mail-render.ts'

const name = 'Adé <img src=x onerror=alert(1)> & "Sons"'
const url = 'https://lemonnpie.example/page#token=a&b="c"'
const at = '2026-11-25T23:48:29.123456Z'
const data: MailData = {
  verify_email: { name, url, expires_in_hours: 24 },
  reset_password: { name, url, expires_in_minutes: 30 },
  password_changed: { name, at, url, expires_in_minutes: 30 },
  notification: {
    name,
    message: `${name} found it helpful.`,
    detail: 'It names\na person.',
    url,
    unsubscribe_url: url,
  },
  notification_digest: { name, lines: [`${name} follows you.`, 'King of Boys is out.'], url, unsubscribe_url: url },
  new_device: {
    name,
    device: 'Chrome <b>9</b> on Android\r\n\r\nhttps://evil.test',
    address: '102.89.23.7',
    at,
    url,
    expires_in_minutes: 30,
  },
}
const templates = Object.keys(data) as MailTemplate[]
const render = (template: MailTemplate) => renderMail(template, data[template] as never)

describe.each(templates)('the mail %s', (template) => {
  const mail = render(template)

  it('says all that it is filled with, in both parts', () => {
    const told: Record<string, string> = { at: '26 November 2026 at 00:48 (Lagos)' }
    for (const [field, value] of Object.entries(data[template]).flatMap(([field, value]) =>
      [value].flat().map((one) => [field, one] as const),
    )) {
      const shown = told[field] ?? String(value).replace(/\s+/g, ' ')
      expect(mail.text, field).toContain(shown)
      const escaped = shown
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
      expect(mail.html, field).toContain(escaped)
    }
    expect(mail.text + mail.html).not.toMatch(/undefined|NaN|<%|%>|\{\{/)
  })

  it('shows markup in a name as text', () => {
    expect(mail.html).toContain('Adé &lt;img src=x onerror=alert(1)&gt; &amp; &quot;Sons&quot;')
    expect(mail.html).not.toMatch(/<img|<script|<b>9/)
  })

  it('loads nothing from anywhere', () => {
    const addresses = mail.html.match(/https?:\/\/[^"'\s<)]+/g) ?? []
    const foreign = addresses.filter(
      (one) => !one.startsWith('https://lemonnpie.example/') && !one.startsWith('http://www.w3.org/'),
    )
    expect(foreign.filter((one) => !one.startsWith('https://evil.test'))).toEqual([])
    expect(mail.html).not.toMatch(/<link|@import|url\(|<[^>]+\ssrc=/)
  })

  it('can be read as plain text', () => {
    expect(mail.text).not.toMatch(/<\/?(?:p|td|div|a)\b|&amp;|&lt;/)
    const lines = mail.text.split('\n').filter((line) => !/https:|Adé|Device/.test(line))
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78)
    expect(mail.subject).toMatch(/^[A-Z][\w -]+$/)
  })

  it('has the same values in its sources', () => {
    const wanted = Object.keys(data[template]).sort()
    for (const kind of ['mjml', 'txt']) {
      const source = readFileSync(new URL(`../../mail/${template}.${kind}`, import.meta.url), 'utf8')
      expect(fieldsOf(source).sort(), kind).toEqual(wanted)
    }
  })
})

it('a device that names itself in several lines is one line', () => {
  expect(render('new_device').text).toContain('Device   Chrome <b>9</b> on Android https://evil.test\n')
})

it('the preview of a mail is the first sentence after the greeting', () => {
  expect(previewOf('Hello {{name}},\n\nwe saw you:\n\n  Lagos\n')).toBe('We saw you.')
  expect(previewOf('Hello,\n\none thing.\nAnd another.')).toBe('One thing.')
})
