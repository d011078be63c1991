import { describe, expect, it } from 'vitest'
import { tidyTexts } from '../../src/lib/text.ts'

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
