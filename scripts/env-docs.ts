import type { TSchema } from '../src/lib/typebox.ts'

type Variables = Readonly<Record<string, TSchema>>

const exampleOf = (schema: TSchema): string => String(schema.default ?? schema.examples?.[0] ?? '')
const isRequired = (name: string, required: readonly string[], schema: TSchema): boolean =>
  required.includes(name) && schema.default === undefined

const sentence = (schema: TSchema): string =>
  schema.enum ? `${schema.description} One of ${schema.enum.join(', ')}.` : `${schema.description}`

/** The lines of `.env.example`: everything is commented out, so that a copy of it changes nothing until it is edited. */
export function envExample(variables: Variables, required: readonly string[]): string {
  const blocks = Object.entries(variables).map(([name, schema]) => {
    const need = isRequired(name, required, schema) ? ' Required.' : ''
    return `# ${sentence(schema)}${need}\n#${name}=${exampleOf(schema)}\n`
  })
  return [
    '# Every variable that LemonNPie reads, with its default or, where it has none, an example.',
    '# Copy this file to .env, then uncomment and change what you need. The environment itself goes before it.',
    '',
    ...blocks,
  ].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function defaultCell(name: string, required: readonly string[], schema: TSchema): string {
  if (isRequired(name, required, schema)) return '**required**'
  if (schema.default === undefined || schema.default === '') return 'none'
  return `\`${String(schema.default).replaceAll('|', '\\|')}\``
}

/** The README's table. */
export function envTable(variables: Variables, required: readonly string[]): string {
  const rows = Object.entries(variables).map(
    ([name, schema]) => `| \`${name}\` | ${defaultCell(name, required, schema)} | ${cell(sentence(schema))} |`,
  )
  return ['| Variable | Default | Meaning |', '|---|---|---|', ...rows].join('\n')
}
