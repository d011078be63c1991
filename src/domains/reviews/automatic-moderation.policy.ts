import type {
  Assessment,
  EarlierReview,
  ModerationFacts,
  Reason,
  WordCategory,
  WordHit,
} from './automatic-moderation.schemas.ts'

/**
 * What each rule weighs and from where on: docs/moderation.md says why. Weights add up like chances of which any suffices:
 * 1 − (1 − a)(1 − b)…, and a review whose sum reaches `threshold` waits for a person.
 */
export const moderationFigures = {
  threshold: 0.6,
  words: { mild: 0.2, strong: 0.45, severe: 0.9, aimed: 0.4, disguised: 0.3, quoted: 0.4 },
  links: { one: 0.35, several: 0.7, hidden: 0.7, contact: 0.65 },
  shouting: { letters: 40, share: 0.7, weight: 0.25, marks: 8, marksWeight: 0.15 },
  repetition: {
    stretched: 12,
    stretchedWeight: 0.15,
    inARow: 5,
    inARowWeight: 0.5,
    words: 12,
    variety: 0.34,
    flood: 0.7,
  },
  repeatedLines: { letters: 12, times: 3, weight: 0.65 },
  duplicates: { letters: 60, weight: 0.65, short: 0.2, shortTimes: 3 },
  postedAgain: 0.65,
  velocity: { newHours: 72, hourSome: 3, hourMany: 5, dayMany: 12, anyHour: 20, some: 0.3, many: 0.65 },
} as const
export type ModerationFigures = typeof moderationFigures

/** What somebody wrote, to be looked at. */
export interface Written {
  readonly text: string
  readonly tags?: readonly string[]
}

interface Weighed extends Reason {
  readonly weight: number
}

const together = (weights: readonly number[]): number => 1 - weights.reduce((rest, weight) => rest * (1 - weight), 1)

/** What stands in quotation marks: lines of dialogue, most of the time. */
function quotesIn(text: string): { start: number; end: number }[] {
  const pairs = /["“„«][^"”“»\n]{1,300}["”»]|(?<!\p{L})[‘'][^‘’'\n]{1,300}[’'](?!\p{L})/gu
  return [...text.matchAll(pairs)].map((match) => ({ start: match.index, end: match.index + match[0].length }))
}

const isCapitalised = (text: string): boolean => /^\p{Lu}/u.test(text)

/** A name of several words is a name wherever it stands; one word only where it is of this title, and written as a name. */
function isName(hit: WordHit, { names, title_names: own }: ModerationFacts): boolean {
  if (hit.phrases.some((phrase) => phrase.includes(' ') && (names.includes(phrase) || own.includes(phrase))))
    return true
  return isCapitalised(hit.found) && hit.phrases.some((phrase) => own.some((name) => name.split(' ').includes(phrase)))
}

const categoryReasons: Readonly<Record<WordCategory, { code: string; note: string }>> = {
  insult: { code: 'insult', note: 'Words that insult' },
  profanity: { code: 'profanity', note: 'Strong language' },
  sexual: { code: 'sexual_language', note: 'Crude sexual words' },
  slur: { code: 'slur', note: 'Words against a group of people' },
  threat: { code: 'threat', note: 'A threat or a curse' },
  spam: { code: 'advertising', note: 'Words of advertising' },
}

function wordReasons(
  text: string,
  hits: readonly WordHit[],
  facts: ModerationFacts,
  figures: ModerationFigures,
): Weighed[] {
  const { words } = figures
  const quotes = quotesIn(text)
  const counted = hits.filter((hit) => !isName(hit, facts))
  const weightOf = (hit: WordHit, isRepeat: boolean): number => {
    const isQuoted = quotes.some((quote) => quote.start <= hit.start && hit.end <= quote.end)
    const level = words[hit.word.level]
    const worse = [...(hit.aimed ? [words.aimed] : []), ...(hit.disguised ? [words.disguised] : [])]
    const once = isQuoted ? level * words.quoted : together([level, ...worse])
    return isRepeat ? once / 2 : once
  }
  return [...Map.groupBy(counted, (hit) => hit.word.category)].map(([category, found]) => {
    const seen = new Set<string>()
    const weights = found.map((hit) => {
      const isRepeat = seen.has(hit.word.id)
      seen.add(hit.word.id)
      return weightOf(hit, isRepeat)
    })
    const shown = [...new Set(found.map((hit) => hit.found.toLowerCase()))].slice(0, 5)
    const { code, note } = categoryReasons[category]
    return {
      code,
      note: `${note}: ${shown.map((word) => `“${word.slice(0, 60)}”`).join(', ')}.`,
      weight: together(weights),
    }
  })
}

const domain = '(?:[a-z0-9-]{1,63}\\.){1,4}'
const sureEnds = '(?:com|net|org|ng|africa|xyz|biz|tk|io|ru|cn)'
const endsWithPath = '(?:me|ly|tv|co|info|site|online|link|click|shop|store|club|live|top|app|vip|gg|to|us|uk)'
const link = new RegExp(
  `https?://\\S{1,300}|\\bwww\\.\\S{1,300}|\\b${domain}(?:${sureEnds}\\b(?!\\w)(?:/\\S{0,300})?|${endsWithPath}/\\S{1,300})`,
  'giu',
)
const hiddenLink =
  /(?<![\w.])(?:t\.me|wa\.me|bit\.ly|cutt\.ly|tinyurl\.com|rb\.gy|chat\.whatsapp\.com|goo\.gl|is\.gd|shorturl\.at|telegram\.me)\/\S|\b[a-z0-9-]{2,40}\s?[([{]?\s?\b(?:dot|d0t)\b\s?[)\]}]?\s?(?:com|net|ng|org)\b/iu
const phone = /(?<![\d/])(?:\+?234[\s.-]?|0)(?:70|80|81|90|91)(?:[\s.-]?\d){8}(?!\d)/u
const address = /[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}\b/iu

function linkReasons(text: string, { links }: ModerationFigures): Weighed[] {
  const reasons: Weighed[] = []
  const contact = phone.test(text) || address.test(text)
  if (contact)
    reasons.push({ code: 'contact_details', note: 'A phone number or an e-mail address.', weight: links.contact })
  const found = [...text.replaceAll(new RegExp(address, 'giu'), ' ').matchAll(link)].length
  if (hiddenLink.test(text)) {
    reasons.push({
      code: 'links',
      note: 'A shortened or disguised link, or an invitation to a group.',
      weight: links.hidden,
    })
  } else if (found > 1) reasons.push({ code: 'links', note: `${found} links.`, weight: links.several })
  else if (found === 1) reasons.push({ code: 'links', note: 'A link.', weight: links.one })
  return reasons
}

const lettersIn = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0

function shoutingReasons(text: string, { shouting }: ModerationFigures): Weighed[] {
  const reasons: Weighed[] = []
  const upper = text.match(/\p{Lu}/gu)?.length ?? 0
  const lower = text.match(/\p{Ll}/gu)?.length ?? 0
  if (upper + lower >= shouting.letters && upper / (upper + lower) >= shouting.share) {
    reasons.push({ code: 'shouting', note: 'Almost everything is in capital letters.', weight: shouting.weight })
  }
  if (new RegExp(`[!?]{${shouting.marks},}`).test(text)) {
    reasons.push({ code: 'shouting', note: 'A long row of exclamation marks.', weight: shouting.marksWeight })
  }
  return reasons
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []

function longestRow(words: readonly string[]): number {
  let longest = 0
  let row = 0
  for (const [index, word] of words.entries()) {
    row = word === words[index - 1] ? row + 1 : 1
    longest = Math.max(longest, row)
  }
  return longest
}

function repetitionReasons(text: string, { repetition, repeatedLines }: ModerationFigures): Weighed[] {
  const reasons: Weighed[] = []
  const add = (note: string, weight: number) => reasons.push({ code: 'repetition', note, weight })
  const words = wordsOf(text)
  const lines = text
    .split(/[\n.!?]+/)
    .map((line) => line.trim().toLowerCase())
    .filter((line) => lettersIn(line) >= repeatedLines.letters)
  const mostAlike = Math.max(
    0,
    ...Map.groupBy(lines, (line) => line)
      .values()
      .map((group) => group.length),
  )
  // Long texts use the same small words again and again; what floods is told by its short vocabulary at any length.
  const expected = repetition.variety * Math.min(1, Math.sqrt(60 / Math.max(60, words.length)))
  if (mostAlike >= repeatedLines.times) add(`The same sentence ${mostAlike} times.`, repeatedLines.weight)
  else if (words.length >= repetition.words && new Set(words).size / words.length < expected) {
    add('The same few words again and again.', repetition.flood)
  } else if (longestRow(words) >= repetition.inARow) add('One word many times in a row.', repetition.inARowWeight)
  if (new RegExp(`(\\p{L})\\1{${repetition.stretched - 1},}`, 'iu').test(text)) {
    add('Letters drawn out very long.', repetition.stretchedWeight)
  }
  return reasons
}

function duplicateReasons(text: string, facts: ModerationFacts, { duplicates }: ModerationFigures): Weighed[] {
  const { same_text_own: own, same_text_others: others, near_text_own: nearOwn, near_text_others: nearOthers } = facts
  const isLong = lettersIn(text) >= duplicates.letters
  const weigh = (times: number) => (isLong || times >= duplicates.shortTimes ? duplicates.weight : duplicates.short)
  if (own > 0)
    return [{ code: 'duplicate', note: 'You have posted this same text for another title.', weight: weigh(own) }]
  // Short praise is written by many: "Great movie, loved it!"
  const weight = isLong ? duplicates.weight : duplicates.short
  if (others > 0) return [{ code: 'duplicate', note: 'Another account has posted this same text.', weight }]
  if (!isLong) return []
  if (nearOwn > 0) return [{ code: 'duplicate', note: 'You have posted nearly this text for another title.', weight }]
  if (nearOthers > 0) return [{ code: 'duplicate', note: 'Another account has posted nearly this text.', weight }]
  return []
}

function velocityReasons(facts: ModerationFacts, { velocity }: ModerationFigures): Weighed[] {
  const { account_age: age, reviews_last_hour: hour, reviews_last_day: day } = facts
  const isNew = age < velocity.newHours
  const many = hour >= velocity.anyHour || (isNew && (hour >= velocity.hourMany || day >= velocity.dayMany))
  if (many) return [{ code: 'velocity', note: 'Very many reviews in a short time.', weight: velocity.many }]
  if (isNew && hour >= velocity.hourSome) {
    return [{ code: 'velocity', note: 'Several reviews in an hour from a new account.', weight: velocity.some }]
  }
  return []
}

const fates: Readonly<Record<EarlierReview['fate'], string>> = {
  deleted: 'a moderator had deleted',
  rejected: 'a moderator had rejected',
  held: 'was held as part of a burst',
  pending: 'was waiting for a moderator',
  reported: 'readers had reported',
}

/** Deleting a review and posting another takes no decision back: what one was in for, the next one waits for. */
function earlierReasons({ earlier }: ModerationFacts, { postedAgain }: ModerationFigures): Weighed[] {
  if (earlier === null) return []
  const why = earlier.fate === 'rejected' && earlier.reason !== null ? `: “${earlier.reason.slice(0, 200)}”` : ''
  const note = `Posted again after a review of this title that ${fates[earlier.fate]}${why}.`
  return [{ code: 'posted_again', note, weight: postedAgain }]
}

/** What speaks against a review, and whether a person should look at it before others do. */
export function assess(
  { text, tags = [] }: Written,
  hits: readonly WordHit[],
  facts: ModerationFacts,
  figures: ModerationFigures = moderationFigures,
): Assessment {
  const weighed = [
    ...wordReasons(text, hits, facts, figures),
    // What joins the words of a tag stands for a blank.
    ...linkReasons([text, ...tags.map((tag) => tag.replaceAll('_', ' '))].join('\n'), figures),
    ...shoutingReasons(text, figures),
    ...repetitionReasons(text, figures),
    ...duplicateReasons(text, facts, figures),
    ...velocityReasons(facts, figures),
    ...earlierReasons(facts, figures),
  ].sort((a, b) => b.weight - a.weight)
  const score = Math.round(together(weighed.map(({ weight }) => weight)) * 100) / 100
  return {
    status: score >= figures.threshold ? 'pending' : 'approved',
    score,
    reasons: weighed.map(({ code, note }) => ({ code, note })),
  }
}

/** What the author of a review that waits is told, in at most 500 characters; null for one that does not wait. */
export function noticeOf(status: 'approved' | 'pending', reasons: readonly Reason[]): string | null {
  if (status === 'approved') return null
  const why = reasons.length > 0 ? ` What it may be about: ${reasons.map(({ note }) => note).join(' ')}` : ''
  return `A moderator looks at this before others see it.${why}`.slice(0, 500)
}

/** What is found out of the author beside the text, and so is there whatever an edit makes of it. */
const lasting: ReadonlySet<string> = new Set(['posted_again', 'reviewed_before'])

/** What is found of the present text of a review that waits, with what it waited for all along. */
export function withLasting(found: Assessment, former: Pick<Assessment, 'score' | 'reasons'> | null): Assessment {
  const kept = (former?.reasons ?? []).filter(
    ({ code }) => lasting.has(code) && found.reasons.every((reason) => reason.code !== code),
  )
  if (former === null || kept.length === 0) return found
  return { ...found, score: Math.max(found.score, former.score), reasons: [...kept, ...found.reasons] }
}
