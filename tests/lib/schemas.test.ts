import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import {
  idOrSlug,
  isUuid,
  Line,
  LineToFind,
  nullable,
  oneNameOf,
  oneOf,
  Paragraphs,
  problems,
  Slug,
  WebUrl,
} from '../../src/lib/schemas.ts'
import { stringifierOf } from '../../src/lib/stringify.ts'
import { Type } from '../../src/lib/typebox.ts'

const ajv = new Ajv({ formats: { uri: true, uuid: true } })
const accepts = (schema: object, value: unknown): boolean => ajv.compile(schema)(value)

describe('the schemas of texts', () => {
  it.each(['King of Boys', 'Ìjọ̀gbọ̀n', '7½', '‘quoted’', '???', '🎬', '👨\u200D👩'])('take %j as a line', (text) => {
    expect(accepts(Line(50), text)).toBe(true)
  })

  it.each([
    ['nothing', ''],
    ['NUL', 'a\u0000'],
    ['a line feed', 'a\nb'],
    ['an override of direction', 'a\u202Eb'],
    ['an isolate', 'a\u2066b'],
    ['what prints nothing', '\u200B\u200D\u2060'],
    ['a filler, which is a letter', '\u3164'],
    ['fillers among what prints nothing', ' \u115F\u200B\uFFA0 '],
    ['a blank that is a symbol', '\u2800'],
    ['marks without letters', '\u0301'],
    ['half a surrogate pair', 'a\uD800'],
    ['the other half', '\uDC00a'],
    ['a separator of lines', 'a\u2028b'],
    ['delete', 'a\u007Fb'],
    ['a control character of Latin 1', 'a\u0085b'],
    ['an embedding of direction', 'a\u202Ab'],
    ['too much', 'x'.repeat(51)],
  ])('refuse %s in a line', (_what, text) => {
    expect(accepts(Line(50), text)).toBe(false)
  })

  it('take line feeds and tabs in paragraphs, and no other control character', () => {
    expect(accepts(Paragraphs(50), 'one\n\ttwo')).toBe(true)
    expect(accepts(Paragraphs(50), 'one\u0007two')).toBe(false)
    expect(accepts(Paragraphs(50), '\n\u200B\n')).toBe(false)
  })

  it('let anything in one line be looked for', () => {
    expect(accepts(LineToFind(50), ' \u200B')).toBe(true)
    expect(accepts(LineToFind(50), 'a\nb')).toBe(false)
  })

  it('take web addresses only', () => {
    expect(accepts(WebUrl, 'https://images.example/x.jpg')).toBe(true)
    expect(accepts(WebUrl, 'javascript:alert(1)')).toBe(false)
  })

  it('tell slugs, ids and neither apart', () => {
    expect(accepts(Slug, 'king-of-boys-2018')).toBe(true)
    expect(accepts(Slug, 'King')).toBe(false)
    expect(accepts(idOrSlug('king-of-boys-2018'), '0198D1C4-7B2E-7C3A-9F60-2F5D8C1E4A77')).toBe(true)
    expect(accepts(idOrSlug('king-of-boys-2018'), 'a--b')).toBe(false)
    expect(isUuid('0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77')).toBe(true)
    expect(isUuid('king-of-boys-2018')).toBe(false)
    expect(oneNameOf('0198D1C4-7B2E-7C3A-9F60-2F5D8C1E4A77')).toBe('0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77')
    expect(oneNameOf('king-of-boys-2018')).toBe('king-of-boys-2018')
  })

  it('let null be one of a closed list', () => {
    const schema = nullable(oneOf(['a', 'b']))
    expect([null, 'a', 'c'].map((value) => accepts(schema, value))).toEqual([true, true, false])
  })
})

describe('problems', () => {
  it('adds what every route may answer', () => {
    expect(Object.keys(problems(404, 422))).toEqual(['401', '403', '404', '422', '429', '500', '503'])
  })
})

describe('stringifierOf', () => {
  it('writes what the schema names and nothing else', () => {
    const write = stringifierOf(Type.Object({ name: Type.String() }), [])
    expect(write({ name: 'Ada', password: 'x' } as { name: string })).toBe('{"name":"Ada"}')
    expect(() => write({} as { name: string })).toThrow('name')
  })
})
