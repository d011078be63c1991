import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSubstantial, wordsOf } from '../../../src/domains/reviews/revision.policy.ts'
import { tagsOf } from '../../../src/domains/reviews/tag.policy.ts'
import { tagOf } from '../../../src/lib/tag.ts'

const long =
  'Kemi Adetiba directs with a steady hand, and the first hour is as good as anything made in Lagos that year. ' +
  'The second half drags where the politics take over, yet Sola Sobowale carries it home with a look.'

const changed = (before: string, after: string, ratings: readonly [number, number] = [7, 7]): boolean =>
  isSubstantial(
    { review_text: before, lemon_pie_rating: ratings[0] },
    { review_text: after, lemon_pie_rating: ratings[1] },
  )

describe('an edit is substantial', () => {
  it.each<[string, string, string]>([
    ['another text', long, 'Did not care for it. Too long, too loud, and the sound was off throughout.'],
    ['a sentence more in a short one', 'A fine film, well acted.', 'A fine film, well acted. Buy my DVDs at the shop!'],
    ['a negation put in', long, long.replace('is as good', 'is not as good')],
    ['a negation taken out', 'I would never watch it again, even for free.', 'I would watch it again, even for free.'],
    ['one word of a short text', 'Great movie, go see it now.', 'Awful movie, go see it now.'],
    [
      'a fifth of a long one',
      long,
      long
        .split(' ')
        .map((word, index) => (index % 5 ? word : 'word'))
        .join(' '),
    ],
    ['halves that change places', long, long.split('. ').reverse().join('. ')],
  ])('with %s', (_what, before, after) => {
    expect(changed(before, after)).toBe(true)
    expect(changed(after, before)).toBe(true)
  })

  it('when the rating moves by two or more, whatever the text', () => {
    expect(changed(long, long, [7, 9])).toBe(true)
    expect(changed(long, long, [7, 5])).toBe(true)
    expect(changed(long, long, [7, 8])).toBe(false)
  })

  it('with more than fifty words of even the longest', () => {
    const words = Array.from({ length: 800 }, (_, index) => `word${index}x`)
    const edited = (count: number) => words.map((word, index) => (index < count ? 'entirely' : word)).join(' ')
    expect(changed(words.join(' '), edited(50))).toBe(false)
    expect(changed(words.join(' '), edited(51))).toBe(true)
  })
})

describe('an edit is not substantial', () => {
  it.each<[string, string, string]>([
    ['nothing', long, long],
    ['case and punctuation', long, long.toUpperCase().replaceAll(',', ' –').replaceAll('.', '!')],
    ['tone marks', 'Aníkúlápó jẹ́ fíìmù tó dára gan-an.', 'Anikulapo je fiimu to dara gan-an.'],
    ['a slip of a letter', 'The acting was brilliant throughout.', 'The actting was briliant througout.'],
    ['spoiler bars', 'In the end he dies in the rain.', 'In the end ||he dies in the rain.||'],
    ['a few words of a long one', long, long.replace('a steady hand', 'a sure hand').replace('drags', 'drags a bit')],
  ])('with %s', (_what, before, after) => {
    expect(changed(before, after)).toBe(false)
    expect(changed(after, before)).toBe(false)
  })

  it('when it is undone, whatever it was: the answer is the same both ways', () => {
    const text = fc.array(fc.constantFrom('good', 'goood', 'bad', 'not', 'film', 'the', 'a', 'Lagos'), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(changed(a.join(' '), b.join(' '))).toBe(changed(b.join(' '), a.join(' ')))
        expect(changed(a.join(' '), a.join('  '))).toBe(false)
      }),
    )
  })

  it('never takes long, and never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 3000 }),
        fc.string({ unit: 'binary', maxLength: 3000 }),
        (a, b) => {
          expect(typeof changed(a, b)).toBe('boolean')
          expect(wordsOf(a).every((word) => word.length > 0)).toBe(true)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('symbols', () => {
  const long =
    'The story holds, the actors carry it, the music lifts it, and the last hour is worth the whole evening in town'
  it.each([
    ['Go and see it 👍', 'Go and see it 👎', true],
    [`${long} 👍`, `${long} 👎`, true],
    ['★★★★★ for this one', '★☆☆☆☆ for this one', true],
    ['See it ❤️', 'See it ❤', false],
    ['See it 👍🏾', 'See it 👍🏿', false],
    ['He gave up his throne', 'He gave up ||his throne||', false],
    [`${long} 🎬`, `${long} 🎥`, false],
  ])('%s → %s', (before, after, expected) => {
    const rated = (review_text: string) => ({ review_text, lemon_pie_rating: 7 })
    expect(isSubstantial(rated(before), rated(after))).toBe(expected)
  })
})

describe('a tag', () => {
  it.each([
    ['must_watch', 'must_watch'],
    ['Must Watch', 'must_watch'],
    ['  #LagosLife! ', 'lagoslife'],
    ['Ọmọ Ghetto', 'omo_ghetto'],
    ['Ɗan ƙasa', 'dan_kasa'],
    ['rom-com', 'rom_com'],
    ['🎬', ''],
  ])('%s is %s', (text, tag) => expect(tagOf(text)).toBe(tag))

  it('of any text is of the one form, and stays', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(tagOf(text)).toMatch(/^(?:[a-z0-9]+(?:_[a-z0-9]+)*)?$/)
        expect(tagOf(tagOf(text))).toBe(tagOf(text))
      }),
    )
  })

  it('stands once in a list, which keeps its order', () => {
    expect(tagsOf(['Epic', 'weak ending', 'EPIC', 'weak_ending'])).toEqual(['epic', 'weak_ending'])
  })
})
