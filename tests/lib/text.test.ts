import { describe, expect, it } from 'vitest'
import { tidyTexts, trimmed } from '../../src/lib/text.ts'

describe('tidyTexts', () => {
  it('composes, trims and unifies line ends in every string, however deep', () => {
    const decomposed = { title: '  O\u0300lo\u0300tu\u0301re\u0301 ', cast: [{ name: 'A\r\nB' }], n: 3, none: null }
    expect(tidyTexts(decomposed)).toEqual({ title: 'Òlòtúré', cast: [{ name: 'A\nB' }], n: 3, none: null })
  })

  it('keeps a key called __proto__ a key, for the schema to refuse', () => {
    const tidied = tidyTexts(JSON.parse('{"__proto__": {"admin": true}}')) as object
    expect(Object.keys(tidied)).toEqual(['__proto__'])
    expect((tidied as { admin?: boolean }).admin).toBeUndefined()
  })

  it('leaves what is deeper than any body alone instead of overflowing the stack', () => {
    const deep = JSON.parse(`${'['.repeat(30_000)}" x "${']'.repeat(30_000)}`)
    expect(() => tidyTexts(deep)).not.toThrow()
  })
})

describe('trimmed', () => {
  it.each([
    ['blanks of all kinds', '\u00A0\u3000 Ada\t\n\u2003', 'Ada'],
    ['what has no width', '\u200B\uFEFFAda\u00AD\u2060\u200B ', 'Ada'],
    ['nothing from within', ' Ada\u200B  Obi ', 'Ada\u200B  Obi'],
    ['nothing that belongs to a sign', '❤\uFE0F', '❤\uFE0F'],
    ['all of a text of blanks', ' \u200B ', ''],
  ])('takes off %s', (_what, text, expected) => {
    expect(trimmed(text)).toBe(expected)
  })
})
