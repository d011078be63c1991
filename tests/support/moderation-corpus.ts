import { readFileSync } from 'node:fs'
import { assess } from '../../src/domains/reviews/automatic-moderation.policy.ts'
import type { Assessment, ModerationFacts } from '../../src/domains/reviews/automatic-moderation.schemas.ts'
import { type CompiledWords, findWords } from '../../src/domains/reviews/word-list.policy.ts'

/** A text, what a moderator would say of it, and why. Facts that are left out are those of a quiet, old account. */
export interface ModerationCase {
  readonly language: string
  readonly text: string
  readonly verdict: 'approved' | 'pending'
  readonly reasons: readonly string[]
  readonly facts?: Partial<ModerationFacts>
  /** Written once the rules were done, which were never fitted to it. */
  readonly held_out?: boolean
}

export const moderationCases = (): ModerationCase[] =>
  JSON.parse(readFileSync(new URL('../fixtures/moderation-cases.json', import.meta.url), 'utf8')) as ModerationCase[]

export const quietFacts: ModerationFacts = {
  names: [],
  title_names: [],
  account_age: 5_000,
  reviews_last_hour: 0,
  reviews_last_day: 1,
  same_text_own: 0,
  same_text_others: 0,
  near_text_own: 0,
  near_text_others: 0,
  earlier: null,
}

/** What the rules say of a text. */
export function judge(list: CompiledWords, text: string, facts: Partial<ModerationFacts> = {}): Assessment {
  const source = text.normalize('NFC')
  return assess({ text: source }, findWords(list, source), { ...quietFacts, ...facts })
}

export interface Figures {
  readonly cases: number
  readonly precision: number
  readonly recall: number
}

/** Of those queued, how many should be; of those that should be queued, how many are. */
export function figuresOf(judged: ReadonlyArray<{ readonly expected: string; readonly got: string }>): Figures {
  const count = (expected: string, got: string) =>
    judged.filter((each) => each.expected === expected && each.got === got).length
  const right = count('pending', 'pending')
  return {
    cases: judged.length,
    precision: right / Math.max(1, right + count('approved', 'pending')),
    recall: right / Math.max(1, right + count('pending', 'approved')),
  }
}
