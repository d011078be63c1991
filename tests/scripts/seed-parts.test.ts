import { describe, expect, test } from 'vitest'
import { splitPart } from '../../scripts/seed/title-forms.ts'
import { inferParts, type PartCandidate } from '../../scripts/seed/title-parts.ts'

const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}|['’]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()

const title = (slug: string, name: string, year: number | null, more: Partial<PartCandidate> = {}): PartCandidate => ({
  slug,
  type: 'movie',
  title: name,
  others: [],
  year,
  date: null,
  ...more,
})

const infer = (...candidates: PartCandidate[]) => Object.fromEntries(inferParts(candidates, fold))

describe('the number of a part', () => {
  test.each([
    ['Chief Daddy 2: Going for Broke', 'Chief Daddy', 2],
    ['The Set Up 2', 'The Set Up', 2],
    ['Jenifa II', 'Jenifa', 2],
    ['Osuofia in London Part Two', 'Osuofia in London', 2],
    ['Blood Sisters Part 1', 'Blood Sisters', 1],
    ['Blood Money Pt. 3', 'Blood Money', 3],
    ['Blood Money - Part 2', 'Blood Money', 2],
    ['Blood Money (Part II)', 'Blood Money', 2],
    ['Blood Money: Part 2 - The Return', 'Blood Money', 2],
    ['Gidi Up Season 2', 'Gidi Up', 2],
    ['Ọmọ Ghetto 2', 'Ọmọ Ghetto', 2],
    ['October 1', 'October', 1],
  ])('%s', (name, base, number) => expect(splitPart(name)).toEqual({ base, number }))

  test.each([
    '76',
    "'76",
    '30 Days in Atlanta',
    '4th Republic',
    'Invasion 1897',
    'Before 30',
    'Finding Mercy 1 & 2',
    'My Wife & I',
    'Department',
  ])('none in %s', (name) => expect(splitPart(name)).toBeNull())
})

describe('what continues what', () => {
  test('by the name before the number, however it is marked', () => {
    expect(infer(title('jenifa-2008', 'Jénífà', 2008), title('jenifa-2-2009', 'Jenifa 2', 2009))).toEqual({
      'jenifa-2-2009': { of: 'jenifa-2008', number: 2 },
    })
  })

  test('a number without a first part is part of the name', () => {
    expect(infer(title('october-1-2014', 'October 1', 2014), title('power-of-2-2018', 'Power of 2', 2018))).toEqual({})
  })

  test('never a later title, and of several the nearest', () => {
    const later = title('trap-2012', 'Trap', 2012)
    const sequel = title('trap-2-2008', 'Trap 2', 2008)
    expect(infer(later, sequel)).toEqual({})
    expect(infer(later, sequel, title('trap-1995', 'Trap', 1995), title('trap-2007', 'Trap', 2007))).toEqual({
      'trap-2-2008': { of: 'trap-2007', number: 2 },
    })
  })

  test('within a year the dates decide', () => {
    const sequel = title('trap-2-2010', 'Trap 2', 2010, { date: '2010-05-01' })
    expect(infer(title('trap-2010', 'Trap', 2010, { date: '2010-06-01' }), sequel)).toEqual({})
    expect(infer(title('trap-2010', 'Trap', 2010, { date: '2010-04-01' }), sequel)).toEqual({
      'trap-2-2010': { of: 'trap-2010', number: 2 },
    })
  })

  test('a title of unknown year will do when there is no other', () => {
    const unknown = title('trap-nd', 'Trap', null)
    const sequel = title('trap-2-2010', 'Trap 2', 2010)
    expect(infer(unknown, sequel)).toEqual({ 'trap-2-2010': { of: 'trap-nd', number: 2 } })
    expect(infer(unknown, sequel, title('trap-1990', 'Trap', 1990))).toEqual({
      'trap-2-2010': { of: 'trap-1990', number: 2 },
    })
  })

  test('the title itself, then with a 1, then an alias, then what is before a colon', () => {
    const sequel = title('x', 'Merry Men 2: Another Mission', 2019)
    const colon = title('colon', 'Merry Men: The Real Yoruba Demons', 2018)
    const alias = title('alias', 'The Demons', 2017, { others: ['Merry Men'] })
    const one = title('one', 'Merry Men Part 1', 2016)
    const plain = title('plain', 'Merry Men', 2015)
    expect(infer(sequel, colon).x?.of).toBe('colon')
    expect(infer(sequel, colon, alias).x?.of).toBe('alias')
    expect(infer(sequel, colon, alias, one).x?.of).toBe('one')
    expect(infer(sequel, colon, alias, one, plain).x?.of).toBe('plain')
  })

  test('of equals the one of the same type, but a series may continue a film', () => {
    const sequel = title('x', 'King of Boys 2', 2021, { type: 'series' })
    const film = title('film', 'King of Boys', 2018)
    expect(infer(sequel, film)).toEqual({ x: { of: 'film', number: 2 } })
    expect(infer(sequel, film, title('series', 'King of Boys', 2018, { type: 'series' })).x?.of).toBe('series')
  })

  test('an alias has the number where the title has none', () => {
    expect(
      infer(
        title('lisabi-the-uprising-2024', 'Lisabi: The Uprising', 2024, { others: ['Lísàbí'] }),
        title('lisabi-a-legend-is-born-2025', 'Lisabi: A Legend Is Born', 2025, { others: ['Lísàbí', 'Lisabi 2'] }),
      ),
    ).toEqual({ 'lisabi-a-legend-is-born-2025': { of: 'lisabi-the-uprising-2024', number: 2 } })
  })

  test('all parts are of the first one, which has the number 1 if it says so', () => {
    expect(
      infer(
        title('issakaba-1-2000', 'Issakaba 1', 2000),
        title('issakaba-2-2001', 'Issakaba 2', 2001),
        title('issakaba-3-2001', 'Issakaba Part Three', 2001),
      ),
    ).toEqual({
      'issakaba-1-2000': { of: null, number: 1 },
      'issakaba-2-2001': { of: 'issakaba-1-2000', number: 2 },
      'issakaba-3-2001': { of: 'issakaba-1-2000', number: 3 },
    })
  })

  test('a chain of names leads to its beginning', () => {
    expect(
      infer(title('a', 'Area', 2000), title('b', 'Area 2', 2001, { others: ['Zone'] }), title('c', 'Zone 3', 2002)),
    ).toEqual({ b: { of: 'a', number: 2 }, c: { of: 'a', number: 3 } })
  })
})
