import { describe, expect, it } from 'vitest'
import { slugOf } from '../../src/lib/slug.ts'

describe('slugOf', () => {
  it.each([
    ['Òlòtūré', 'oloture'],
    ['Ìjọ̀gbọ̀n', 'ijogbon'],
    ['Ɗan Ɓarawo: ƙauye & ƴar', 'dan-barawo-kauye-and-yar'],
    ['Sani Mu’azu', 'sani-muazu'],
    ['iLLbliss', 'illbliss'],
    ['Omo Ghetto: The Saga', 'omo-ghetto-the-saga'],
    ['🎬', ''],
    ['', ''],
  ])('makes of %j %j', (text, slug) => {
    expect(slugOf(text)).toBe(slug)
  })

  it('cuts a long one between words, and one without words where it must', () => {
    expect(slugOf('one two three', 9)).toBe('one-two')
    expect(slugOf('x'.repeat(300))).toBe('x'.repeat(180))
  })
})
