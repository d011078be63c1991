import { readFileSync } from 'node:fs'
import { Eta } from 'eta'
import type { MailData, MailTemplate } from './mail-messages.ts'
import { subjects } from './mail-subjects.ts'

const html = new Eta({ autoEscape: true, autoTrim: false, cache: false })
const text = new Eta({ autoEscape: false, autoTrim: false, cache: false })

const source = (template: MailTemplate, kind: 'html' | 'txt'): string =>
  readFileSync(new URL(`./mail-templates/${template}.${kind}`, import.meta.url), 'utf8')

const compiled = new Map(
  (Object.keys(subjects) as MailTemplate[]).map((template) => [
    template,
    { html: html.compile(source(template, 'html')), text: text.compile(source(template, 'txt')) },
  ]),
)

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Africa/Lagos' })

/** The time in Lagos in words; whoever lives elsewhere is told whose time it is. */
const told = (at: string): string => `${moment.format(new Date(at))} (Lagos)`

/** A line of text has no line breaks: in the text part they would look like lines of ours. */
const oneLine = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(oneLine) : typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : value

export interface RenderedMail {
  readonly subject: string
  readonly html: string
  readonly text: string
}

/** A mail as text and HTML. Whatever markup the data has in it is shown as text. */
export function renderMail<T extends MailTemplate>(template: T, data: MailData[T]): RenderedMail {
  const values = Object.fromEntries(
    Object.entries(data).map(([field, value]) => [field, field === 'at' ? told(String(value)) : oneLine(value)]),
  )
  const functions = compiled.get(template)!
  return {
    subject: subjects[template],
    html: functions.html.call(html, values),
    text: functions.text.call(text, values),
  }
}
