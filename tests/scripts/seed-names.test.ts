import { describe, expect, test } from 'vitest'
import { creditedPeople } from '../../scripts/seed/credited-people.ts'
import { type NamedTitle, typedAliases } from '../../scripts/seed/title-aliases.ts'
import { segmentsOf, splitPersonName } from '../../scripts/seed/title-forms.ts'

const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}|['’]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()

describe('aliases', () => {
  const kinds = (named: NamedTitle) =>
    typedAliases(named, fold).map(({ name, kind, language }) => [name, kind, language])

  test.each<[string, NamedTitle, Array<[string, string, string | null]>]>([
    [
      'a gloss',
      { title: 'Irapada', local_title: 'Ìràpadà', languages: ['yo'], alternate_titles: ['Redemption'] },
      [['Redemption', 'english', 'en']],
    ],
    [
      'a gloss without a local title',
      { title: 'Mokalik', languages: ['yo', 'en'], alternate_titles: ['Mechanic', 'Mokalik (Mechanic)'] },
      [
        ['Mechanic', 'english', 'en'],
        ['Mokalik (Mechanic)', 'retitle', null],
      ],
    ],
    [
      'the segment that is the gloss',
      { title: 'Warlord: Olori Ogun', local_title: 'Olórí Ogun', languages: ['yo'], alternate_titles: ['Warlord'] },
      [['Warlord', 'english', 'en']],
    ],
    [
      'the first segment where nothing tells',
      { title: 'Kesari: The King', languages: ['yo'], alternate_titles: ['Kesari'] },
      [['Kesari', 'retitle', null]],
    ],
    [
      'the local title without its marks',
      {
        title: 'King of Thieves',
        local_title: 'Agẹṣinkólé',
        languages: ['yo', 'en'],
        alternate_titles: ['Agesinkole'],
      },
      [['Agesinkole', 'local', 'yo']],
    ],
    [
      'a local title of one of two languages',
      { title: 'Eyimofe', local_title: 'Èyímofẹ́', languages: ['en', 'yo', 'ig'], alternate_titles: ['Eyi Mofe'] },
      [['Eyi Mofe', 'local', null]],
    ],
    [
      'another spelling',
      { title: "House of Ga'a", languages: ['yo'], alternate_titles: ['House of Gaa', 'Houseof Gaa'] },
      [
        ['House of Gaa', 'misspelling', null],
        ['Houseof Gaa', 'misspelling', null],
      ],
    ],
    [
      'a part',
      { title: 'Lisabi: A Legend Is Born', local_title: 'Lísàbí', languages: ['yo'], alternate_titles: ['Lisabi 2'] },
      [['Lisabi 2', 'part', null]],
    ],
    [
      'an abbreviation',
      { title: 'King of Boys', languages: ['en'], alternate_titles: ['KOB'] },
      [['KOB', 'retitle', null]],
    ],
    [
      'another name of an English title',
      { title: 'Bullfrog in the Sun', languages: ['en'], alternate_titles: ['Things Fall Apart'] },
      [['Things Fall Apart', 'retitle', null]],
    ],
    [
      'no alias that is the title itself, nor one twice',
      {
        title: 'Amina',
        local_title: 'Àmínà',
        languages: ['ha'],
        alternate_titles: ['Amina', 'Àmínà', 'Queen Amina', 'Queen Amina'],
      },
      [['Queen Amina', 'retitle', null]],
    ],
  ])('%s', (_, named, expected) => expect(kinds(named)).toEqual(expected))

  test('segments are around colons, dashes and brackets', () => {
    expect(segmentsOf('Eyimofe (This Is My Desire)')).toEqual(['Eyimofe', 'This Is My Desire'])
    expect(segmentsOf('Ijé: The Journey – Home')).toEqual(['Ijé', 'The Journey', 'Home'])
    expect(segmentsOf('4:4:44')).toEqual(['4:4:44'])
  })
})

describe('people', () => {
  test('names that fold alike are one person, shown as most often written', () => {
    const { people, keyOf } = creditedPeople(["Sani Mu'azu", 'Sani Muazu', "Sani Mu'azu", 'Ọlá Ìjà', 'Ola Ija'], fold)
    expect(people.map((person) => person.name)).toEqual(["Sani Mu'azu", 'Ọlá Ìjà'])
    expect(keyOf('Sani Muazu')).toBe(keyOf("Sani Mu'azu"))
  })

  test('nicknames in brackets and quotes are aliases, and tell who is meant', () => {
    expect(splitPersonName("Adebowale 'Debo' Adedayo (Mr Macaroni)")).toEqual({
      bare: "Adebowale 'Debo' Adedayo",
      aliases: ["Adebowale 'Debo' Adedayo", 'Mr Macaroni', 'Debo', 'Debo Adedayo', 'Adebowale Adedayo'],
    })
    const { people, keyOf } = creditedPeople(['Kareem Adepoju (Baba Wande)', 'Kareem Adepoju', 'Baba Wande'], fold)
    expect(people).toHaveLength(1)
    expect(people[0]?.aliases).toContain('Baba Wande')
    expect(keyOf('Baba Wande')).toBe('kareem adepoju')
  })

  test('numbers in brackets tell namesakes apart', () => {
    const { people } = creditedPeople(['John Obi (I)', 'John Obi (II)'], fold)
    expect(people.map((person) => person.name)).toEqual(['John Obi (I)', 'John Obi (II)'])
  })

  test('a nickname that two people have tells nobody', () => {
    const { people } = creditedPeople(['Ade Bello (Baba Agba)', 'Segun Ojo (Baba Agba)', 'Baba Agba'], fold)
    expect(people.map((person) => person.key)).toEqual(['ade bello', 'segun ojo', 'baba agba'])
  })

  test('known married and stage names are the same person; a single word is nobody in particular', () => {
    const { people } = creditedPeople(['Stephanie Okereke', 'Stephanie Linus', 'Osuofia', 'Nkem Owoh'], fold)
    expect(people.map((person) => [person.name, person.aliases.includes('Stephanie Okereke')])).toEqual([
      ['Stephanie Linus', true],
      ['Osuofia', false],
      ['Nkem Owoh', false],
    ])
    expect(people[2]?.aliases).toEqual(['Osuofia'])
  })

  test('a quote that never closes is part of the name', () => {
    expect(splitPersonName("'Najite Dede")).toEqual({ bare: "'Najite Dede", aliases: [] })
    expect(splitPersonName("Aoife O'Kelly")).toEqual({ bare: "Aoife O'Kelly", aliases: [] })
  })
})
