import { places } from '../generator/english-words.ts'
import { plain } from '../generator/local-words.ts'
import { nameStocks } from '../generator/person-words.ts'
import type { Random } from '../generator/random.ts'
import { type Phrases, phrases, type ReviewLanguage, scenes } from './review-words.ts'

type Piece = string | readonly string[]
/** A sentence taken apart: words, and lists to pick a word from. */
type Sentence = readonly Piece[]
type Sentences = Readonly<Record<'good' | 'bad' | 'any', readonly Sentence[]>>

const names = [...new Set(nameStocks.flatMap(({ given }) => given.map(plain)))]
const numbers = Array.from({ length: 28 }, (_, index) => String(index + 2))

function taken(apart: string, aspects: readonly string[]): Sentence {
  const slots: Readonly<Record<string, readonly string[]>> = { p: names, c: places, n: numbers, a: aspects, s: scenes }
  return apart.split(/\{([pcnas])\}/).map((piece, index) => (index % 2 === 0 ? piece : slots[piece]!))
}

const apart = ({ good, bad, any, aspects }: Phrases): Sentences => ({
  good: good.map((text) => taken(text, aspects)),
  bad: bad.map((text) => taken(text, aspects)),
  any: any.map((text) => taken(text, aspects)),
})
const sentences = Object.fromEntries(
  Object.entries(phrases).map(([language, ofLanguage]) => [language, apart(ofLanguage)]),
) as Record<ReviewLanguage, Sentences>

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const say = (random: Random, sentence: Sentence): string => {
  let text = ''
  for (const piece of sentence) text += typeof piece === 'string' ? piece : random.pick(piece)
  return capital(text)
}

/** Most people write a few sentences, and a few people write pages. */
function sentenceCount(random: Random): number {
  const draw = random.next()
  if (draw < 0.2) return 2
  if (draw < 0.8) return 3 + random.below(3)
  if (draw < 0.96) return 6 + random.below(6)
  return 12 + random.below(14)
}

const spoilerShare = 0.03
const perParagraph = 5

/** What somebody who gave this rating writes. One text in thirty hides a sentence between bars. */
export function makeReviewText(random: Random, language: ReviewLanguage, rating: number): string {
  const { good, bad, any } = sentences[language]
  const count = sentenceCount(random)
  const spoilt = random.chance(spoilerShare) ? random.below(count) : -1
  let text = ''
  for (let index = 0; index < count; index++) {
    const pool = random.chance(0.45) ? any : random.next() * 10 < rating - 0.5 ? good : bad
    const sentence = say(random, random.pick(pool))
    const gap = index === 0 ? '' : index % perParagraph === 0 ? '\n\n' : ' '
    text += index === spoilt ? `${gap}||${sentence}||` : gap + sentence
  }
  return text
}
