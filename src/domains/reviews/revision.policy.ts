/** What of a review its voters endorsed. */
export interface Endorsed {
  readonly review_text: string
  readonly lemon_pie_rating: number
}

/** Words that turn a sentence round, folded: one more or less of them is never small. */
const negations = new Set([
  'not',
  'no',
  'never',
  'cannot',
  'without',
  'dont',
  'doesnt',
  'didnt',
  'isnt',
  'wasnt',
  'cant',
  'wont',
  'nor',
])
// A thumb that turns is a negation.
for (const word of ['👎', '❌', 'ko', 'ki', 'kii', 'ma', 'ba', 'babu', 'mba', 'abeghi', 'ghi', 'nay', 'neva'])
  negations.add(word)

/** Above this many changed words an edit is substantial, however long the text. */
const mostChanges = 50

/**
 * Words without case, marks and punctuation: what differs in those alone says the same. Symbols such as 👍 or ★ are words,
 * whatever the colour of the skin.
 */
export const wordsOf = (text: string): string[] =>
  text
    .normalize('NFD')
    .replace(/[\p{M}'’‘ʼ`]/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+|\p{So}/gu) ?? []

/** Whether a word of four letters or more became another by one letter more, less or different. */
function isSlip(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length < 4 || long.length - short.length > 1) return false
  let same = 0
  while (same < short.length && short[same] === long[same]) same += 1
  const skip = long.length === short.length ? 1 : 0
  return short.slice(same + skip) === long.slice(same + 1)
}

/** Words put in, taken out or replaced, slips of a letter not counted; `most + 1` as soon as there are more than `most`. */
function changedWords(before: readonly string[], after: readonly string[], most: number): number {
  if (Math.abs(before.length - after.length) > most) return most + 1
  // Only pairs that are at most so far apart matter, so the table is a band along its diagonal, of two rows at a time.
  let row = Array.from({ length: after.length + 2 }, (_, index) => index)
  let next = [...row]
  for (let i = 1; i <= before.length; i += 1) {
    const [first, last] = [Math.max(1, i - most), Math.min(after.length, i + most)]
    // What lies beside the band may be as far as one likes.
    next[first - 1] = first === 1 ? i : most + 1
    let least = next[first - 1]!
    for (let j = first; j <= last; j += 1) {
      const [old, now] = [before[i - 1]!, after[j - 1]!]
      const kept = row[j - 1]! + (old === now || isSlip(old, now) ? 0 : 1)
      next[j] = Math.min(kept, row[j]! + 1, next[j - 1]! + 1)
      least = Math.min(least, next[j]!)
    }
    if (least > most) return most + 1
    next[last + 1] = most + 1
    const former = row
    row = next
    next = former
  }
  return Math.min(row[after.length]!, most + 1)
}

const negationsOf = (words: readonly string[]): number => words.filter((word) => negations.has(word)).length

/**
 * Whether an edit makes a review another one than its voters read: its overall rating moved by two or more, a negation
 * came or went, or more than a tenth of its words changed (or more than 50). Case, tone marks, punctuation and a slip of
 * one letter in a word of four or more change nothing. In docs/ratings.md.
 */
export function isSubstantial(before: Endorsed, after: Endorsed): boolean {
  if (Math.abs(before.lemon_pie_rating - after.lemon_pie_rating) >= 2) return true
  const [old, now] = [wordsOf(before.review_text), wordsOf(after.review_text)]
  if (negationsOf(old) !== negationsOf(now)) return true
  const allowed = Math.min(mostChanges, Math.floor(Math.max(old.length, now.length) / 10))
  return changedWords(old, now, allowed) > allowed
}
