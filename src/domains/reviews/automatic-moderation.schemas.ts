/** How much a word weighs: `mild` never queues a review alone, `strong` does when it is aimed or comes in numbers, `severe` does. */
export const wordLevels = ['mild', 'strong', 'severe'] as const
export type WordLevel = (typeof wordLevels)[number]

export const wordCategories = ['insult', 'profanity', 'sexual', 'slur', 'threat', 'spam'] as const
export type WordCategory = (typeof wordCategories)[number]

/** `word`: as it is, or its plural. `stem`: with anything after it. */
export const wordForms = ['word', 'stem'] as const
export type WordForm = (typeof wordForms)[number]

/** One word or phrase of the list. */
export interface ListedWord {
  readonly id: string
  readonly word: string
  /** As `fold` has it. */
  readonly folded: string
  readonly language: string
  readonly category: WordCategory
  readonly level: WordLevel
  readonly form: WordForm
  /** Whether the text's marks must be those of the word: òbò is one thing, ọ̀bọ a monkey. */
  readonly marks_matter: boolean
}

/** What moderators edit, as it is kept. */
export interface WordList {
  readonly words: readonly ListedWord[]
  /** Phrases in which a listed word is none, as `fold` has them. */
  readonly allowed: readonly string[]
}

/** A word of the list found in a text. */
export interface WordHit {
  readonly word: ListedWord
  /** In the text, end excluded. */
  readonly start: number
  readonly end: number
  /** As it stands in the text. */
  readonly found: string
  /** Whether it is said to somebody: "you are a …". */
  readonly aimed: boolean
  /** Whether it takes digits for letters, or what is kept apart joined, to read it. */
  readonly disguised: boolean
  /** The phrases around it, in the form of `fold`, that may be the name of a title or a person. */
  readonly phrases: readonly string[]
}

/** A review that its author had, and what spoke against it when it was deleted. */
export interface EarlierReview {
  readonly fate: 'deleted' | 'rejected' | 'held' | 'pending' | 'reported'
  /** What its author had been told. */
  readonly reason: string | null
}

/** What is known of the author, of the title, and of other reviews. */
export interface ModerationFacts {
  /** Names among the phrases of the hits that are those of titles, of people or of characters. */
  readonly names: readonly string[]
  /** Names of the title itself, of its cast and of its characters. */
  readonly title_names: readonly string[]
  /** Hours since the author registered. */
  readonly account_age: number
  /** Reviews that the author wrote in the last hour and the last day, this one not counted. */
  readonly reviews_last_hour: number
  readonly reviews_last_day: number
  /** Reviews of other titles with this very text: the author's, and others'. */
  readonly same_text_own: number
  readonly same_text_others: number
  /** Newest reviews with nearly this text: the author's of other titles, and others' of this one. */
  readonly near_text_own: number
  readonly near_text_others: number
  /** What was against the review that the author had of this title before; null for an edit, and where nothing was. */
  readonly earlier: EarlierReview | null
}

export interface Reason {
  readonly code: string
  readonly note: string
}

export interface Assessment {
  readonly status: 'approved' | 'pending'
  /** 0 to 1. */
  readonly score: number
  readonly reasons: Reason[]
}
