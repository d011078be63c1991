import type { Needs } from '../../context.ts'
import type { Db, Tx } from '../../infra/db.ts'
import { wordListKey } from './automatic-moderation.cache.ts'
import { assess } from './automatic-moderation.policy.ts'
import { getModerationFacts, getWordList } from './automatic-moderation.queries.ts'
import type { Assessment, WordList } from './automatic-moderation.schemas.ts'
import { type CompiledWords, compileWords, findWords } from './word-list.policy.ts'

/** A text to be looked at before it is published. */
export interface ReviewText {
  readonly authorId: string
  readonly movieId: string
  readonly text: string
  readonly language: string
  /** Null for a new review. */
  readonly reviewId: string | null
}

type Context = Needs<'cache'> & { readonly db: Db | Tx }

/** A version of the list is one object of the cache for as long as it is kept; it is made ready once. */
const compiled = new WeakMap<WordList, CompiledWords>()

async function wordList(ctx: Context): Promise<CompiledWords> {
  const list = await ctx.cache.remember(wordListKey, () => getWordList(ctx.db))
  const ready = compiled.get(list) ?? compileWords(list)
  compiled.set(list, ready)
  return ready
}

/** Names are looked up for so many phrases at most, so that a text of nothing but listed words costs no more than others. */
const mostPhrases = 400

/** What automation makes of a text: published at once, or looked at by a person first, and why. */
export async function assessReview(tx: Context, { text, ...input }: ReviewText): Promise<Assessment> {
  const hits = findWords(await wordList(tx), text)
  const phrases = [...new Set(hits.flatMap((hit) => hit.phrases))].slice(0, mostPhrases)
  return assess(text, hits, await getModerationFacts(tx.db, { ...input, text, phrases }))
}

/** To be called once the word list has changed, in afterCommit. */
export const forgetWordList = (ctx: Needs<'cache'>): Promise<void> => ctx.cache.forget(wordListKey)
