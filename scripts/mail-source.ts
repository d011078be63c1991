/** `{{name}}`, which MJML leaves alone, becomes what Eta fills in; what stands in `{{#lines}} {{.}} {{/lines}}` is repeated. */
export const etaTags = (source: string): string =>
  source
    .replace(/\{\{#(\w+)\}\}\n?/g, '<% for (const line of it.$1) { %>')
    .replace(/\{\{\/\w+\}\}\n?/g, '<% } %>')
    .replaceAll('{{.}}', '<%= line %>')
    .replace(/\{\{(\w+)\}\}/g, '<%= it.$1 %>')

/** The names of the values that a source is filled with. */
export const fieldsOf = (source: string): string[] => [
  ...new Set([...source.matchAll(/\{\{#?(\w+)\}\}/g)].map(([, field]) => field as string)),
]

/** The line that a list of mails shows beside the subject: the first of the text after the greeting. */
export const previewOf = (text: string): string => {
  const paragraph = text.split(/\n\s*\n/)[1] ?? ''
  return (/^.*?[.:](?=\s|$)/s.exec(paragraph)?.[0] ?? paragraph)
    .replace(/\s+/g, ' ')
    .replace(/:$/, '.')
    .trim()
    .replace(/^./, (first) => first.toUpperCase())
}

export interface MailParts {
  readonly subject: string
  readonly preview: string
  readonly body: string
}

/** A whole MJML document from the layout and what is particular to one mail. */
export const mailDocument = (layout: string, parts: MailParts): string =>
  layout.replace(/\{\{(subject|preview|body)\}\}/g, (_tag, part: keyof MailParts) => parts[part].trim())

/** The plain text, with who writes it. */
export const textMail = (text: string): string => `${text.trimEnd()}\n\n-- \nLemonNPie: Nollywood, found and reviewed\n`
