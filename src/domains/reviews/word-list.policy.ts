import { collapseDuplicatesTransformer, parseRawPattern, RegExpMatcher } from 'obscenity'
import { maskedWordsOf, type Reading, readingsOf } from '../../lib/readings.ts'
import { tagOf } from '../../lib/tag.ts'
import type { ListedWord, WordForm, WordHit } from './automatic-moderation.schemas.ts'

/** A word list made ready. A word's own matcher is compiled when a text first seems to hold the word. */
export interface CompiledWords {
  readonly byFirstWord: ReadonlyMap<string, readonly Entry[]>
  readonly byStem: ReadonlyMap<string, readonly Entry[]>
  readonly stemLengths: readonly number[]
  readonly all: readonly Entry[]
  readonly allowed: ReadonlySet<string>
}

/** A word ready to be looked for. */
export interface Entry {
  readonly word: ListedWord
  readonly plain: string
  /** Its words, squeezed. */
  readonly words: readonly string[]
  readonly matcher: () => RegExpMatcher
}

/** A text that is nothing but hits says all it has to say with so many. */
const mostHits = 50

/** `fuuuck` and `fuck` are the same at first sight. */
const squeezed = (text: string): string => text.replaceAll(/(.)\1+/g, '$1')

/**
 * Every letter may come twice, since the matcher sees `fuuuuck` as `fuuck`; one that is double must be, or `as` would be
 * read as what it isn't.
 */
function patternOf({ form, language }: ListedWord, plain: string): string {
  const letters = plain.replaceAll(/([a-z0-9])(\1?)/g, (_, letter: string, twin: string) =>
    twin ? letter + twin : `${letter}[${letter}]`,
  )
  if (form === 'stem') return `|${letters}`
  return language === 'en' || language === 'pcm' ? `|${letters}[s]|` : `|${letters}|`
}

const collapse = collapseDuplicatesTransformer({ defaultThreshold: 2, customThresholds: new Map([[' ', 1]]) })

/** Phrases this long are also found written as one word: `omoale`, `daniska`. */
const shortestTogether = 6

function entryOf(word: ListedWord, plain: string): Entry {
  let matcher: RegExpMatcher | undefined
  return {
    word,
    plain,
    words: plain.split(' ').map(squeezed),
    matcher: () => {
      matcher ??= new RegExpMatcher({
        blacklistedTerms: [{ id: 1, pattern: parseRawPattern(patternOf(word, plain)) }],
        blacklistMatcherTransformers: [collapse],
      })
      return matcher
    },
  }
}

/** What a word of the list is looked for as. */
export function entriesOf(word: ListedWord): Entry[] {
  const asOne = word.folded.replaceAll(' ', '')
  const isPhrase = word.folded !== asOne && asOne.length >= shortestTogether
  return [entryOf(word, word.folded), ...(isPhrase ? [entryOf(word, asOne)] : [])]
}

/** Orders entries by how they begin. */
export function indexWords(all: readonly Entry[], allowed: readonly string[]): CompiledWords {
  const ofForm = (form: WordForm) => all.filter(({ word }) => word.form === form)
  const byStem = Map.groupBy(ofForm('stem'), ({ plain }) => squeezed(plain))
  return {
    byFirstWord: Map.groupBy(ofForm('word'), ({ plain }) => squeezed(plain.split(' ')[0]!)),
    byStem,
    stemLengths: [...new Set(byStem.keys().map((stem) => stem.length))],
    all,
    allowed: new Set(allowed),
  }
}

interface Token {
  readonly text: string
  readonly squeezed: string
  /** Index in the reading. */
  readonly at: number
}

const tokensOf = ({ text }: Reading): Token[] =>
  [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], squeezed: squeezed(match[0]), at: match.index }))

const isOrPlural = (word: string | undefined, singular: string): boolean => word === singular || word === `${singular}s`

/** The entries that a word and those after it seem to be. */
function candidatesAt(list: CompiledWords, tokens: readonly Token[], first: number): Entry[] {
  const { squeezed: word } = tokens[first]!
  const words = list.byFirstWord.get(word) ?? []
  const singular = word.endsWith('s') ? (list.byFirstWord.get(word.slice(0, -1)) ?? []) : []
  const stems = list.stemLengths.flatMap((length) => list.byStem.get(word.slice(0, length)) ?? [])
  if (words.length + singular.length + stems.length === 0) return []
  const goesOn = ({ words: parts }: Entry): boolean =>
    parts.every((part, index) => index === 0 || isOrPlural(tokens[first + index]?.squeezed, part))
  return [...words.filter(goesOn), ...singular.filter(goesOn), ...stems]
}

const comparable = (text: string): string => text.normalize('NFC').toLowerCase()

interface Place {
  readonly start: number
  readonly end: number
}

/** From the first to the last character of a match in the source, marks that follow it included. */
function placeOf(source: string, { origin }: Reading, first: number, last: number): Place {
  const start = origin[first]!
  let end = origin[last]! + (source.codePointAt(origin[last]!)! > 0xffff ? 2 : 1)
  while (end < source.length && /\p{M}/u.test(source[end]!)) end += 1
  return { start, end }
}

const addressees = new Set([
  'you',
  'u',
  'ya',
  'your',
  'ur',
  'youre',
  'una',
  'unu',
  'iwo',
  'eyin',
  'kai',
  'ke',
  'ku',
  'gi',
])
const linking = new Set(
  'are re r be a an the all such so just big stupid real very fucking bloody na like one bu ni ne ce dey go is old useless'.split(
    ' ',
  ),
)

/** Whether the words beside a match say it to somebody: "you are all …", "ị bụ …", "kai …". */
function isAimed(tokens: readonly Token[], first: number, last: number): boolean {
  let before = first - 1
  while (before >= 0 && before > first - 8 && linking.has(tokens[before]!.text)) before -= 1
  const word = tokens[before]?.text
  if (word !== undefined && addressees.has(word)) return true
  // `i` is "you" in Igbo only before "be".
  if (word === 'i' && tokens[before + 1]!.text === 'bu') return true
  return ['you', 'u', 'una', 'gi', 'unu'].includes(tokens[last + 1]?.text ?? '')
}

const windowWords = 6

/** Every run of up to so many words that holds the match. */
function phrasesAround(tokens: readonly Token[], first: number, last: number): string[] {
  const phrases: string[] = []
  for (let start = Math.max(0, last - windowWords + 1); start <= first; start += 1) {
    const ends = Math.min(tokens.length, start + windowWords)
    for (let end = last + 1; end <= ends; end += 1) {
      phrases.push(
        tokens
          .slice(start, end)
          .map(({ text }) => text)
          .join(' '),
      )
    }
  }
  return phrases
}

function hitsIn(list: CompiledWords, source: string, reading: Reading, disguised: boolean): WordHit[] {
  const hits: WordHit[] = []
  const tokens = tokensOf(reading)
  for (const [first, { at }] of tokens.entries()) {
    for (const { word, words, matcher } of candidatesAt(list, tokens, first)) {
      const last = first + words.length - 1
      const end = tokens[last]!
      // On the words that it may be alone: the matcher walks through what it is given letter by letter.
      if (!matcher().hasMatch(reading.text.slice(at, end.at + end.text.length))) continue
      const place = placeOf(source, reading, at, end.at + end.text.length - 1)
      const found = source.slice(place.start, place.end)
      if (word.marks_matter && comparable(found) !== comparable(word.word)) continue
      const phrases = phrasesAround(tokens, first, last)
      if (phrases.some((phrase) => list.allowed.has(phrase))) continue
      hits.push({ word, ...place, found, aimed: isAimed(tokens, first, last), disguised, phrases })
      if (hits.length === mostHits) return hits
    }
  }
  return hits
}

const fits = (masked: string, { plain, word }: Entry): boolean =>
  (word.form === 'stem' ? masked.length >= plain.length : masked.length === plain.length) &&
  [...plain].every((letter, index) => masked[index] === letter || masked[index] === '*')

/** `f**k`: stars for letters of a word that would weigh something; one letter alone could be the beginning of anything. */
function maskedHits(list: CompiledWords, source: string): WordHit[] {
  return maskedWordsOf(source).flatMap(({ text, start, end }) => {
    if (text.replaceAll('*', '').length < 2) return []
    const entry = list.all.find((each) => each.word.level !== 'mild' && fits(text, each))
    return entry
      ? [{ word: entry.word, start, end, found: source.slice(start, end), aimed: false, disguised: false, phrases: [] }]
      : []
  })
}

const weight = { mild: 0, strong: 1, severe: 2 }

/** Where words overlap, the weightiest and longest is what was meant. */
function withoutOverlaps(hits: readonly WordHit[]): WordHit[] {
  const byImportance = [...hits].sort(
    (a, b) =>
      weight[b.word.level] - weight[a.word.level] ||
      b.end - b.start - (a.end - a.start) ||
      Number(a.disguised) - Number(b.disguised),
  )
  const kept: WordHit[] = []
  for (const hit of byImportance) {
    if (!kept.some((other) => hit.start < other.end && other.start < hit.end)) kept.push(hit)
  }
  return kept.sort((a, b) => a.start - b.start)
}

/**
 * The words of the list in tags, as somebody wrote them and as they are shown. They stand in no sentence, so none is quoted.
 */
export function findTagWords(list: CompiledWords, tags: readonly string[]): WordHit[] {
  const written = tags.flatMap((tag) => [...new Set([tag, tagOf(tag)])].flatMap((form) => findWords(list, form)))
  const each = new Map(written.map((hit) => [hit.word.id, hit]))
  return [...each.values()].map((hit) => ({ ...hit, start: -1, end: -1 }))
}

/** The words of the list in a text, however they are written; those of an allowed phrase are none. */
export function findWords(list: CompiledWords, source: string): WordHit[] {
  const hits = readingsOf(source).flatMap((reading, index) => hitsIn(list, source, reading, index > 0))
  return withoutOverlaps([...hits, ...maskedHits(list, source)])
}
