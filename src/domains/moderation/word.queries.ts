import { sql } from 'kysely'
import { onViolation } from '../../infra/constraints.ts'
import { type Db, named, type Tx } from '../../infra/db.ts'
import { countUpTo } from './total.queries.ts'
import { phraseExists, tooFewLetters, wordExists } from './word.errors.ts'
import type { AllowedPhrase, ModerationWord, NewPhrase, NewWord, WordPatch } from './word.schemas.ts'

const wordViolations = {
  moderation_words_word_language_key: wordExists,
  moderation_words_folded_check: tooFewLetters('body.word'),
}
const phraseViolations = {
  moderation_allowed_phrase_key: phraseExists,
  moderation_allowed_folded_check: tooFewLetters('body.phrase'),
}

const wordColumns = [
  'id',
  'word',
  'language',
  'category',
  'level',
  'form',
  'marks_matter',
  'note',
  'provenance',
  'created_at',
  'updated_at',
] as const
const phraseColumns = ['id', 'phrase', 'note', 'created_at', 'updated_at'] as const

/** How many entries a list may have: it is read whole and made ready in one go. */
export const mostEntries = 3_000

/** Lets one moderator at a time change the lists, so that their size is exact. @returns the sizes */
export async function lockLists(db: Tx): Promise<{ words: number; phrases: number }> {
  await sql`/* lockWordLists */ select pg_advisory_xact_lock(hashtext('moderation_words'))`.execute(db)
  const { rows } = await sql<{ words: number; phrases: number }>`
    /* countWordLists */
    select (select count(*) from moderation_words) as words, (select count(*) from moderation_allowed) as phrases`.execute(
    db,
  )
  return rows[0]!
}

export const findWord = (db: Tx, id: string) =>
  db
    .selectFrom('moderation_words')
    .modifyFront(named('findWord'))
    .select(wordColumns)
    .where('id', '=', id)
    .$castTo<ModerationWord>()
    .executeTakeFirst()

export const insertWord = (db: Tx, input: NewWord): Promise<ModerationWord> =>
  onViolation(
    wordViolations,
    db
      .insertInto('moderation_words')
      .modifyEnd(named('insertWord'))
      .values({ ...input, provenance: 'Added by a moderator' })
      .returning(wordColumns)
      .$castTo<ModerationWord>()
      .executeTakeFirstOrThrow(),
  )

export const updateWord = (db: Tx, id: string, patch: WordPatch): Promise<ModerationWord> =>
  onViolation(
    wordViolations,
    db
      .updateTable('moderation_words')
      .modifyEnd(named('updateWord'))
      .set({ ...patch, updated_at: sql`now()` })
      .where('id', '=', id)
      .returning(wordColumns)
      .$castTo<ModerationWord>()
      .executeTakeFirstOrThrow(),
  )

export const deleteWord = (db: Tx, id: string) =>
  db.deleteFrom('moderation_words').modifyEnd(named('deleteWord')).where('id', '=', id).execute()

export interface WordFilters {
  readonly language?: string
  readonly category?: string
  readonly level?: string
  readonly q?: string
}

interface Paged {
  readonly rows: number
  readonly after?: readonly [folded: string, id: string]
}

const conditionsOf = ({ language, category, level, q }: WordFilters) => [
  sql`true`,
  ...(language ? [sql`w.language = ${language}`] : []),
  ...(category ? [sql`w.category = ${category}::word_category`] : []),
  ...(level ? [sql`w.level = ${level}::word_level`] : []),
  ...(q ? [sql`starts_with(w.folded, fold(${q}))`] : []),
]

export const countWords = (db: Db, filters: WordFilters): Promise<number> =>
  countUpTo(db, sql`from moderation_words w where ${sql.join(conditionsOf(filters), sql` and `)}`)

/** The word list in the order of the alphabet. */
export async function listWords(
  db: Db,
  filters: WordFilters,
  { rows: most, after }: Paged,
): Promise<(ModerationWord & { readonly folded: string })[]> {
  const conditions = [
    ...conditionsOf(filters),
    ...(after ? [sql`(w.folded, w.id) > (${after[0]}, ${after[1]}::uuid)`] : []),
  ]
  const { rows } = await sql<ModerationWord & { readonly folded: string }>`
    /* listWords */
    select ${sql.join(wordColumns.map((name) => sql.ref(`w.${name}`)))}, w.folded
    from moderation_words w
    where ${sql.join(conditions, sql` and `)}
    order by w.folded, w.id
    limit ${most}`.execute(db)
  return rows
}

export const insertPhrase = (db: Tx, input: NewPhrase): Promise<AllowedPhrase> =>
  onViolation(
    phraseViolations,
    db
      .insertInto('moderation_allowed')
      .modifyEnd(named('insertPhrase'))
      .values(input)
      .returning(phraseColumns)
      .executeTakeFirstOrThrow(),
  )

/** @returns what was deleted, if there was such a phrase */
export const deletePhrase = (db: Tx, id: string) =>
  db
    .deleteFrom('moderation_allowed')
    .modifyEnd(named('deletePhrase'))
    .where('id', '=', id)
    .returning(phraseColumns)
    .executeTakeFirst()

export const countPhrases = (db: Db): Promise<number> => countUpTo(db, sql`from moderation_allowed`)

export const listPhrases = (db: Db, { rows, after }: { readonly rows: number; readonly after?: string }) =>
  db
    .selectFrom('moderation_allowed')
    .modifyFront(named('listPhrases'))
    .select([...phraseColumns, 'folded'])
    .$if(after !== undefined, (query) => query.where('folded', '>', after!))
    .orderBy('folded')
    .limit(rows)
    .execute()
