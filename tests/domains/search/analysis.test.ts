import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { piecesOf, searchQueryOf } from '../../../src/domains/search/search.policy.ts'
import { mostAlternatives } from '../../../src/domains/search/search-syntax.schemas.ts'

const only = (typed: string) => searchQueryOf(typed).readings[0]!
const loud = (typed: string) => {
  const { terms, quiet } = only(typed)
  return terms.filter((_, at) => !quiet[at]).join(' ')
}

describe('what is typed', () => {
  it.each([
    ['watch hire a woman full movie', 'hire a woman'],
    ['film labake olododo', 'labake olododo'],
    ['knockout blessing yoruba film', 'knockout blessing'],
    ['koseegbe naija movie part 1', 'koseegbe'],
    ['wetin be lionheart', 'lionheart'],
    ['film wey be citation', 'citation'],
    ['that oyinbo bride', 'oyinbo bride'],
    ['the set up part two', 'the set up two'],
    ['real yoruba demons', 'real yoruba demons'],
    ['a naija christmas', 'a naija christmas'],
    ['Part of Me', 'Part of Me'],
    ['i wan watch lionheart', 'lionheart'],
    ['i want to watch get out', 'get out'],
    ['i wan watch how to get away', 'how to get away'],
    ['where i fit watch the wedding party', 'the wedding party'],
    ['abeg find me blood sisters series', 'blood sisters'],
    ['film wey sola sobowale be king', 'sola sobowale be king'],
    ['movie about ebola', 'ebola'],
    ['the one where three sons marry', 'the three sons marry'],
    ['finding me', 'finding me'],
    ['find me', 'find me'],
    ['how to get away', 'how to get away'],
    ['what i want', 'what i want'],
    ['fifty the series', 'fifty the series'],
    ['about last night', 'about last night'],
  ])('hears in %j mostly %j', (typed, heard) => {
    expect(loud(typed)).toBe(heard)
  })

  it('takes a year for one beside other words only', () => {
    expect(only('cold feet 2019').year).toBe(2019)
    expect(only('2012').year).toBeNull()
    expect(only('1987 to 1992').year).toBeNull()
    expect(only('invasion 1897').year).toBeNull()
  })

  it('knows phrases, exclusions and alternatives', () => {
    expect(searchQueryOf('"breaking free" -2003 bondage')).toMatchObject({
      readings: [{ terms: ['breaking', 'free', 'bondage'], phrases: ['breaking free'] }],
      excluded: ['2003'],
    })
    expect(searchQueryOf('-"wedding party" dubai')).toMatchObject({
      readings: [{ terms: ['dubai'], phrases: [] }],
      excluded: ['wedding party'],
      phrases: ['-wedding party'],
    })
    expect(searchQueryOf('"free breaking" or citation').readings).toMatchObject([
      { terms: ['free', 'breaking', 'or', 'citation'], phrases: ['free breaking'] },
      { terms: ['free', 'breaking'], phrases: ['free breaking'] },
      { terms: ['citation'], phrases: [] },
    ])
    expect(searchQueryOf('lionheart or citation').readings.map(({ terms }) => terms)).toEqual([
      ['lionheart', 'or', 'citation'],
      ['lionheart'],
      ['citation'],
    ])
  })

  it('reads as many alternatives as it says, and the words of the others as words', () => {
    const typed = Array.from({ length: mostAlternatives + 2 }, (_, n) => `w${n}`)
    const [whole, ...others] = searchQueryOf(typed.join(' or ')).readings
    expect(others.map(({ terms }) => terms)).toEqual(typed.slice(0, mostAlternatives).map((word) => [word]))
    expect(whole!.terms).toEqual(expect.arrayContaining(typed))
  })

  it('forgives operators that operate on nothing', () => {
    expect(searchQueryOf('or')).toMatchObject({ readings: [{ terms: ['or'] }] })
    expect(searchQueryOf('-party')).toMatchObject({ readings: [{ terms: ['party'] }], excluded: [] })
    expect(searchQueryOf('king "of boys')).toMatchObject({ readings: [{ terms: ['king', 'of', 'boys'], phrases: [] }] })
    expect(searchQueryOf('koi-koi')).toMatchObject({ readings: [{ terms: ['koi-koi'] }], excluded: [] })
  })

  it.each(['', '   ', '!!! ???', '🍋🥧', '"""', '-', '\u0000', '%%%%'])('has nothing to look for in %j', (typed) => {
    expect(searchQueryOf(typed).readings).toEqual([])
  })

  it('makes a query of anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (typed) => {
        const { readings, phrases, excluded } = searchQueryOf(typed)
        for (const { terms, quiet, year } of readings) {
          expect(quiet).toHaveLength(terms.length)
          expect(terms.length).toBeGreaterThan(0)
          expect(terms.every((term) => term !== '' && !/[\s\p{Cc}]/u.test(term))).toBe(true)
          if (year !== null) expect(terms).toContain(String(year))
        }
        expect([...phrases, ...excluded].join('')).not.toContain('\u0000')
        expect(readings.length).toBeLessThanOrEqual(1 + mostAlternatives)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a marked text', () => {
  it('comes in pieces', () => {
    expect(piecesOf('The \u0002Wedding\u0003 \u0002Party\u0003 2')).toEqual([
      { text: 'The ', match: false },
      { text: 'Wedding', match: true },
      { text: ' ', match: false },
      { text: 'Party', match: true },
      { text: ' 2', match: false },
    ])
  })

  it('loses nothing but its marks', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ text: fc.string({ minLength: 1 }), match: fc.boolean() })), (pieces) => {
        const clean = pieces.map(({ text, match }) => ({ text: text.replace(/\p{Cc}/gu, '.'), match }))
        const marked = clean.map(({ text, match }) => (match ? `\u0002${text}\u0003` : text)).join('')
        const found = piecesOf(marked)
        expect(found.map(({ text }) => text).join('')).toBe(clean.map(({ text }) => text).join(''))
        expect(found.filter(({ match }) => match)).toEqual(clean.filter(({ match }) => match))
      }),
    )
  })
})
