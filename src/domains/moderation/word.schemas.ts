import {
  Cursor,
  closed,
  IncludeTotal,
  Limit,
  Line,
  LineToFind,
  named,
  nullable,
  oneOf,
  pageOf,
  refTo,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { wordCategories, wordForms, wordLevels } from '../reviews/automatic-moderation.schemas.ts'
import { reviewLanguages } from '../reviews/review.schemas.ts'

const example = {
  word: 'olóríburúkú',
  language: 'yo',
  category: 'insult',
  level: 'strong',
  form: 'word',
  marks_matter: false,
  note: null,
} as const

const wordFields = {
  word: Line(60, {
    minLength: 2,
    description: 'A word or a phrase, with its marks. It is found without them too, unless `marks_matter`.',
  }),
  language: oneOf(reviewLanguages, { description: 'Whose word it is; it is looked for in reviews of every language.' }),
  category: oneOf(wordCategories),
  level: oneOf(wordLevels, {
    description: 'mild never queues a review alone, strong does when aimed at somebody or in numbers, severe does.',
  }),
}
const form = oneOf(wordForms, {
  default: 'word',
  description: 'word: as it is or its plural; stem: with anything after it.',
})
const marksMatter = Type.Boolean({ default: false, description: 'Only with the very marks: òbò is not ọ̀bọ.' })
const note = nullable(Line(300, { description: 'For other moderators.' }))

export const NewWord = closed(
  { ...wordFields, form: Type.Optional(form), marks_matter: Type.Optional(marksMatter), note: Type.Optional(note) },
  { examples: [example] },
)
export type NewWord = Static<typeof NewWord>

/** What is left out stays. */
export const WordPatch = closed(
  {
    word: Type.Optional(wordFields.word),
    language: Type.Optional(wordFields.language),
    category: Type.Optional(wordFields.category),
    level: Type.Optional(wordFields.level),
    form: Type.Optional(oneOf(wordForms)),
    marks_matter: Type.Optional(Type.Boolean()),
    note: Type.Optional(note),
  },
  { minProperties: 1, examples: [{ level: 'mild' }] },
)
export type WordPatch = Static<typeof WordPatch>

const kept = {
  created_at: '2026-11-21T10:00:00.000000Z',
  updated_at: '2026-11-21T10:00:00.000000Z',
}
const exampleWord = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e5001',
  ...example,
  provenance: 'Added by a moderator',
  ...kept,
}

/** A word of the list that automatic moderation goes by. */
export const ModerationWord = named(
  'ModerationWord',
  closed(
    {
      id: Uuid,
      ...wordFields,
      form: oneOf(wordForms),
      marks_matter: Type.Boolean(),
      note: nullable(Type.String()),
      provenance: Type.String({ description: 'Where it comes from.' }),
      created_at: Timestamp,
      updated_at: Timestamp,
    },
    { examples: [exampleWord] },
  ),
)
export type ModerationWord = Static<typeof ModerationWord>

const page = { limit: 20, next_cursor: null, total: null }
export const WordList = pageOf(refTo(ModerationWord), { examples: [{ data: [exampleWord], page }] })

export const WordsQuery = closed({
  language: Type.Optional(oneOf(reviewLanguages)),
  category: Type.Optional(oneOf(wordCategories)),
  level: Type.Optional(oneOf(wordLevels)),
  q: Type.Optional(LineToFind(60, { description: 'How the word begins, marks or not.', examples: ['olori'] })),
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: IncludeTotal,
})
export type WordsQuery = Static<typeof WordsQuery>

export const WordParams = Type.Object({ word_id: Uuid })

export const NewPhrase = closed(
  {
    phrase: Line(100, { minLength: 2, description: 'In which a word of the list is none.' }),
    note: Type.Optional(note),
  },
  { examples: [{ phrase: 'Dick Van Dyke', note: 'An actor.' }] },
)
export type NewPhrase = Static<typeof NewPhrase>

const examplePhrase = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e5101',
  phrase: 'Dick Van Dyke',
  note: 'An actor.',
  ...kept,
}

/** A phrase in which a word of the list is none. */
export const AllowedPhrase = named(
  'AllowedPhrase',
  closed(
    { id: Uuid, phrase: Type.String(), note: nullable(Type.String()), created_at: Timestamp, updated_at: Timestamp },
    { examples: [examplePhrase] },
  ),
)
export type AllowedPhrase = Static<typeof AllowedPhrase>

export const PhraseList = pageOf(refTo(AllowedPhrase), { examples: [{ data: [examplePhrase], page }] })
export const PhrasesQuery = closed({ limit: Limit, cursor: Type.Optional(Cursor), include_total: IncludeTotal })
export type PhrasesQuery = Static<typeof PhrasesQuery>
export const PhraseParams = Type.Object({ phrase_id: Uuid })

export const wordSchemas = [ModerationWord, AllowedPhrase]
