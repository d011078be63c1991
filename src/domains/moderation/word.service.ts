import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { forgetWordList } from '../reviews/automatic-moderation.service.ts'
import { insertDecisions } from './decision.queries.ts'
import { listFull, phraseNotFound, wordNotFound } from './word.errors.ts'
import {
  countPhrases,
  countWords,
  deletePhrase,
  deleteWord,
  findWord,
  insertPhrase,
  insertWord,
  listPhrases,
  listWords,
  lockLists,
  mostEntries,
  updateWord,
} from './word.queries.ts'
import type {
  AllowedPhrase,
  ModerationWord,
  NewPhrase,
  NewWord,
  PhrasesQuery,
  WordPatch,
  WordsQuery,
} from './word.schemas.ts'

type Context = Needs<'db' | 'cache'>

/** Every process goes by the list as it is from its next review on. */
export function addWord(ctx: Context, actor: Actor, input: NewWord): Promise<ModerationWord> {
  return inTx(ctx, async (tx) => {
    if ((await lockLists(tx.db)).words >= mostEntries) throw listFull()
    const word = await insertWord(tx.db, input)
    await insertDecisions(tx.db, [{ kind: 'word', decision: 'add', moderator_id: actor.id, after: word }])
    tx.afterCommit(() => forgetWordList(ctx))
    return word
  })
}

export function changeWord(ctx: Context, actor: Actor, id: string, patch: WordPatch): Promise<ModerationWord> {
  return inTx(ctx, async (tx) => {
    await lockLists(tx.db)
    const before = await findWord(tx.db, id)
    if (!before) throw wordNotFound()
    const after = await updateWord(tx.db, id, patch)
    await insertDecisions(tx.db, [{ kind: 'word', decision: 'change', moderator_id: actor.id, before, after }])
    tx.afterCommit(() => forgetWordList(ctx))
    return after
  })
}

export function removeWord(ctx: Context, actor: Actor, id: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    await lockLists(tx.db)
    const before = await findWord(tx.db, id)
    if (!before) throw wordNotFound()
    await deleteWord(tx.db, id)
    await insertDecisions(tx.db, [{ kind: 'word', decision: 'remove', moderator_id: actor.id, before }])
    tx.afterCommit(() => forgetWordList(ctx))
  })
}

export function allowPhrase(ctx: Context, actor: Actor, input: NewPhrase): Promise<AllowedPhrase> {
  return inTx(ctx, async (tx) => {
    if ((await lockLists(tx.db)).phrases >= mostEntries) throw listFull()
    const phrase = await insertPhrase(tx.db, input)
    await insertDecisions(tx.db, [{ kind: 'allowed_phrase', decision: 'add', moderator_id: actor.id, after: phrase }])
    tx.afterCommit(() => forgetWordList(ctx))
    return phrase
  })
}

export function disallowPhrase(ctx: Context, actor: Actor, id: string): Promise<void> {
  return inTx(ctx, async (tx) => {
    const before = await deletePhrase(tx.db, id)
    if (!before) throw phraseNotFound()
    await insertDecisions(tx.db, [{ kind: 'allowed_phrase', decision: 'remove', moderator_id: actor.id, before }])
    tx.afterCommit(() => forgetWordList(ctx))
  })
}

export async function browseWords(ctx: Needs<'db' | 'config'>, query: WordsQuery) {
  const { limit, cursor, include_total: includeTotal, ...filters } = query
  const secret = ctx.config.JWT_SECRET
  const scope = `words:${JSON.stringify([filters.language, filters.category, filters.level, filters.q])}`
  const after = cursor === undefined ? undefined : (decodeCursor(secret, scope, cursor) as unknown as [string, string])
  const [rows, total] = await Promise.all([
    listWords(ctx.db, filters, { rows: limit + 1, ...(after ? { after } : {}) }),
    includeTotal ? countWords(ctx.db, filters) : null,
  ])
  const page = toPage(rows, limit, total, (last) => encodeCursor(secret, scope, [last.folded, last.id]))
  return { ...page, data: page.data.map(({ folded, ...word }) => word) }
}

export async function browsePhrases(ctx: Needs<'db' | 'config'>, query: PhrasesQuery) {
  const { limit, cursor, include_total: includeTotal } = query
  const secret = ctx.config.JWT_SECRET
  const [after] = cursor === undefined ? [] : (decodeCursor(secret, 'phrases', cursor) as string[])
  const [rows, total] = await Promise.all([
    listPhrases(ctx.db, { rows: limit + 1, ...(after === undefined ? {} : { after }) }),
    includeTotal ? countPhrases(ctx.db) : null,
  ])
  const page = toPage(rows, limit, total, (last) => encodeCursor(secret, 'phrases', [last.folded]))
  return { ...page, data: page.data.map(({ folded, ...phrase }) => phrase) }
}
