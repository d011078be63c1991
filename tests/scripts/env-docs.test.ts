import { describe, expect, it } from 'vitest'
import { envExample, envTable } from '../../scripts/env-docs.ts'
import { betweenMarkers } from '../../scripts/generated-file.ts'
import { loadConfig } from '../../src/config.ts'
import { environmentSchema } from '../../src/environment.ts'
import { Type } from '../../src/lib/typebox.ts'

const variables = {
  PORT: Type.Integer({ default: 3000, description: 'Port.' }),
  DATABASE_URL: Type.String({ description: 'Postgres.', examples: ['postgres://localhost/x'] }),
  REDIS_URL: Type.Optional(Type.String({ description: 'Redis.', examples: ['redis://localhost'] })),
  LEVEL: Type.Unsafe<string>({ type: 'string', enum: ['a', 'b'], default: 'a', description: 'Level | <kind>.' }),
}
const required = ['PORT', 'DATABASE_URL', 'LEVEL']

describe('the environment documentation', () => {
  it('lists every variable with its default, or that it is required', () => {
    expect(envTable(variables, required).split('\n')).toEqual([
      '| Variable | Default | Meaning |',
      '|---|---|---|',
      '| `PORT` | `3000` | Port. |',
      '| `DATABASE_URL` | **required** | Postgres. |',
      '| `REDIS_URL` | none | Redis. |',
      '| `LEVEL` | `a` | Level \\| &lt;kind&gt;. One of a, b. |',
    ])
  })

  it('writes an example in which nothing is set until it is edited', () => {
    const lines = envExample(variables, required).split('\n')
    expect(lines).toContain('#PORT=3000')
    expect(lines).toContain('# Postgres. Required.')
    expect(lines).toContain('#REDIS_URL=redis://localhost')
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([])
  })

  it('gives values that the configuration accepts when all of them are uncommented', () => {
    const lines = envExample(environmentSchema.properties, environmentSchema.required ?? []).split('\n')
    const environment = Object.fromEntries(
      lines.flatMap((line) => [/^#([A-Z_]+)=(.*)$/.exec(line)?.slice(1, 3) ?? []]).filter((pair) => pair.length === 2),
    )
    expect(Object.keys(environment)).toEqual(Object.keys(environmentSchema.properties))
    expect(loadConfig(environment).PORT).toBe(3000)
  })

  it('describes every variable', () => {
    for (const [name, schema] of Object.entries(environmentSchema.properties)) {
      expect(schema.description, name).toMatch(/^[A-Z].*\.$/)
    }
  })
})

describe('betweenMarkers', () => {
  it('replaces what is between the markers and nothing else', () => {
    const page = 'before\n<!-- x:start: made by a script -->\nold $& text\n<!-- x:end -->\nafter\n'
    expect(betweenMarkers(page, 'x', 'new $1')).toBe(
      'before\n<!-- x:start: made by a script -->\n\nnew $1\n\n<!-- x:end -->\nafter\n',
    )
  })

  it('refuses a page without them', () => {
    expect(() => betweenMarkers('<!-- y:start -->', 'x', '')).toThrow('<!-- x:start -->')
  })
})
