import { describe, expect, test } from 'vitest'
import { CatalogueError, checkCatalogue } from '../../scripts/seed/catalogue-problems.ts'

const fine = { id: 'jenifa-2008', title: 'Jénífà', type: 'movie' }

function problemsOf(catalogue: unknown, options?: { ignoreUnknownKeys: boolean }): readonly string[] {
  try {
    checkCatalogue(catalogue, options)
    return []
  } catch (error) {
    if (error instanceof CatalogueError) return error.problems
    throw error
  }
}

describe('a catalogue', () => {
  test('needs an id, a title and a type; all else may be null or absent', () => {
    expect(problemsOf([fine, { ...fine, id: 'b', year: null, cast: null, genres: null, source: null }])).toEqual([])
    expect(problemsOf([{}])).toEqual([
      '[0] no id: id is missing',
      '[0] no id: title is missing',
      '[0] no id: type is missing',
    ])
  })

  test.each<[string, object, string]>([
    ['type', { type: 'film' }, 'type must be movie or series, not "film"'],
    ['title', { title: ' ' }, 'title must be text of 1 to 500 characters, not ""'],
    ['year as text', { year: '2008' }, 'year must be a whole number from 1895 to 2200, not "2008"'],
    ['year too early', { year: 1400 }, 'year must be a whole number from 1895 to 2200, not 1400'],
    [
      'release_date',
      { release_date: 'May 2008' },
      'release_date must be a date as YYYY-MM-DD or YYYY-MM, not "May 2008"',
    ],
    ['a day that is not', { release_date: '2008-02-30' }, 'release_date 2008-02-30 is not in the calendar'],
    ['a month that is not', { release_date: '2008-13' }, 'release_date 2008-13 is not in the calendar'],
    ['runtime', { runtime_minutes: 1.5 }, 'runtime_minutes must be a whole number from 1 to 2000, not 1.5'],
    ['box office', { box_office_ngn: -1 }, 'box_office_ngn must be a whole number from 1 to 9007199254740991, not -1'],
    ['a name in a list', { directors: ['A B', 7] }, 'directors.1 must be text of 1 to 255 characters, not 7'],
    ['a list', { genres: 'Drama' }, 'genres must be a list of at most 500, not "Drama"'],
    ['cast without a name', { cast: [{ character: 'Jenifa' }] }, 'cast.0.name is missing'],
    [
      'cast of names',
      { cast: ['Funke Akindele'] },
      'cast.0 must be an object with name and character, not "Funke Akindele"',
    ],
    ['a genre', { genres: ['!?'] }, 'genres: "!?" has no letter or digit to make a slug of'],
    ['an id', { id: '***' }, 'id "***" has no letter or digit to make a slug of'],
    ['a NUL', { title: 'a\0b' }, 'text has a NUL character or half a surrogate pair'],
    ['half an emoji', { plot_summary: 'x\ud83d' }, 'text has a NUL character or half a surrogate pair'],
    [
      'an unknown key',
      { runtime: 90 },
      'unknown key runtime (if it is not a mistake, --ignore-unknown-keys imports without it)',
    ],
  ])('tells what is wrong with %s', (_, wrong, problem) => {
    const entry = { ...fine, ...wrong }
    expect(problemsOf([{ ...fine, id: 'first' }, entry])).toEqual([`[1] ${JSON.stringify(entry.id)}: ${problem}`])
  })

  test('tells all problems of all entries', () => {
    const problems = problemsOf([{ ...fine, year: 'x', type: 'x' }, fine, 'text', { id: 'c', title: 'C' }])
    expect(problems).toEqual([
      expect.stringMatching(/^\[0\] "jenifa-2008": type must be/),
      expect.stringMatching(/^\[0\] "jenifa-2008": year must be/),
      '[2] no id: it must be an object, not "text"',
      '[3] "c": type is missing',
    ])
  })

  test('has every id once, also as a slug', () => {
    expect(problemsOf([fine, { ...fine, id: 'Jénífà 2008' }])).toEqual([
      '[1] "Jénífà 2008": the same id, or one that makes the same slug, as [0]',
    ])
  })

  test('is a list', () => {
    expect(problemsOf({ titles: [] })).toEqual(['the file must hold a list of titles, not {"titles":[]}'])
    expect(problemsOf([])).toEqual([])
  })

  test('may have unknown keys when asked to ignore them', () => {
    const entry = { ...fine, runtime: 90, toString: 1, cast: [{ name: 'A B', age: 3 }] }
    expect(problemsOf([entry])).toHaveLength(3)
    expect(problemsOf([entry], { ignoreUnknownKeys: true })).toEqual([])
  })

  test('knows languages by curated names and by those of ICU', () => {
    const { languageCodes } = checkCatalogue([{ ...fine, languages: ['Pidgin', 'Fulfulde', 'Welsh', 'yoruba'] }])
    expect(Object.fromEntries(languageCodes)).toEqual({ Pidgin: 'pcm', Fulfulde: 'ff', Welsh: 'cy', yoruba: 'yo' })
  })

  test('warns where the date and the year disagree', () => {
    const { warnings } = checkCatalogue([{ ...fine, year: 2008, release_date: '2009-01-02' }])
    expect(warnings).toEqual(['[0] "jenifa-2008": year 2008 gives way to release_date 2009-01-02'])
  })

  test('warns of a language without a code and goes on without it', () => {
    const { warnings, languageCodes } = checkCatalogue([{ ...fine, languages: ['Hausa', 'Klingonese'] }])
    expect(warnings).toEqual([
      '[0] "jenifa-2008": no ISO code is known for the language "Klingonese", which is left out',
    ])
    expect([...languageCodes.keys()]).toEqual(['Hausa'])
  })

  test('is tidied: blanks single, accents composed', () => {
    const { entries } = checkCatalogue([{ ...fine, title: '  Je\u0301nifa \n again ' }])
    expect(entries[0]?.title).toBe('Jénifa again')
  })
})
