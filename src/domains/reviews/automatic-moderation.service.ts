import { setImmediate } from 'node:timers/promises'
import type { Needs } from '../../context.ts'
import type { Db, Tx } from '../../infra/db.ts'
import { wordListKey } from './automatic-moderation.cache.ts'
import { assess } from './automatic-moderation.policy.ts'
import { getModerationFacts, getWordList } from './automatic-moderation.queries.ts'
import type { Assessment, WordList } from './automatic-moderation.schemas.ts'
import { type CompiledWords, type Entry, entriesOf, findTagWords, findWords, indexWords } from './word-list.policy.ts'

/** A text to be looked at before it is published. */
export interface ReviewText {
  readonly authorId: string
  readonly movieId: string
  readonly text: string
  readonly language: string
  /** As they were given, or as they are kept. */
  readonly tags: readonly string[]
  /** Null for a new review. */
  readonly reviewId: string | null
}

type Context = Needs<'cache'> & { readonly db: Db | Tx }

/** A version of the list is one object of the cache for as long as it is kept; it is made ready once. */
const compiled = new WeakMap<WordList, Promise<CompiledWords>>()

/** So many words are made ready in about a millisecond; then others have their turn. */
const pieceOfList = 250

async function compile({ words, allowed }: WordList): Promise<CompiledWords> {
  const entries: Entry[] = []
  for (let start = 0; start < words.length; start += pieceOfList) {
    for (const word of words.slice(start, start + pieceOfList)) entries.push(...entriesOf(word))
    await setImmediate()
  }
  return indexWords(entries, allowed)
}

async function wordList(ctx: Context): Promise<CompiledWords> {
  const list = await ctx.cache.remember(wordListKey, () => getWordList(ctx.db))
  const ready = compiled.get(list) ?? compile(list)
  compiled.set(list, ready)
  return ready
}

/** Names are looked up for so many phrases at most, so that a text of nothing but listed words costs no more than others. */
const mostPhrases = 400

/** What automation makes of a text: published at once, or looked at by a person first, and why. */
export async function assessReview(tx: Context, { text, tags, ...input }: ReviewText): Promise<Assessment> {
  const list = await wordList(tx)
  const hits = [...findWords(list, text), ...findTagWords(list, tags)]
  const phrases = [...new Set(hits.flatMap((hit) => hit.phrases))].slice(0, mostPhrases)
  return assess({ text, tags }, hits, await getModerationFacts(tx.db, { ...input, text, phrases }))
}

/** To be called once the word list has changed, in afterCommit. */
export const forgetWordList = (ctx: Needs<'cache'>): Promise<void> => ctx.cache.forget(wordListKey)
