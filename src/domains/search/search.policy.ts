import { noiseIn } from '../../lib/asking.ts'
import { mostAlternatives } from './search-syntax.schemas.ts'

/** One way to read a query. Weights compare the scores of several. */
export interface Reading {
  readonly terms: readonly string[]
  /** For each term, whether it is noise: a word about the asking rather than about the title. */
  readonly quiet: readonly boolean[]
  readonly year: number | null
  readonly weight: number
  /** What was put in quotation marks: it must occur as it is. */
  readonly phrases: readonly string[]
}

export interface SearchQuery {
  /** None where there is nothing to search for. */
  readonly readings: readonly Reading[]
  /** What must not occur, whichever the reading: a word, or more in a row. */
  readonly excluded: readonly string[]
  /** The same as the ranking takes it among phrases that must occur: with a `-` in front, which no folded phrase has. */
  readonly phrases: readonly string[]
}

const yearPattern = /^(?:19[3-9]\d|20[0-4]\d)$/
const alternativeWeight = 0.9

interface Token {
  readonly text: string
  readonly kind: 'word' | 'phrase' | 'or'
  readonly excluded: boolean
}

const tokenPattern = /(-?)"([^"]*)"|(\S+)/g

function tokensOf(query: string): Token[] {
  const tokens: Token[] = []
  for (const [, minus, phrase, word = ''] of query.matchAll(tokenPattern)) {
    if (phrase !== undefined) tokens.push({ text: phrase, kind: 'phrase', excluded: minus === '-' })
    else if (/^-[\p{L}\p{N}]/u.test(word)) tokens.push({ text: word.slice(1), kind: 'word', excluded: true })
    else if (/^or$/i.test(word)) tokens.push({ text: word, kind: 'or', excluded: false })
    else tokens.push({ text: word.replaceAll('"', ' '), kind: 'word', excluded: false })
  }
  return tokens.filter(({ text }) => /[\p{L}\p{N}]/u.test(text))
}

const termsOf = (tokens: readonly Token[]): string[] =>
  tokens.flatMap(({ text }) => text.split(/\s+/).filter((term) => term !== ''))

const phrasesOf = (tokens: readonly Token[]): string[] =>
  tokens.filter(({ kind }) => kind === 'phrase').map(({ text }) => text.trim())

function readingOf(tokens: readonly Token[], weight = 1): Reading {
  const terms = termsOf(tokens)
  const years = terms.filter((term) => yearPattern.test(term))
  const year = terms.length > 1 && years.length === 1 ? Number(years[0]) : null
  return { terms, quiet: noiseIn(terms), year, weight, phrases: phrasesOf(tokens) }
}

/** What stands between the words `or`, as far as each is looked for alone. */
function alternativesOf(tokens: readonly Token[]): Token[][] {
  const runs: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'or') runs.push([])
    else runs.at(-1)!.push(token)
  }
  return runs.filter((run) => run.length > 0).slice(0, mostAlternatives)
}

/**
 * Understands what people type: "quoted phrases", -excluded words and -"phrases", this or that, years, and the words that
 * are only about asking. Whatever it is, it is a query; letters are folded by Postgres.
 */
export function searchQueryOf(typed: string): SearchQuery {
  // Postgres refuses NUL, and the other control characters are no words.
  const tokens = tokensOf(typed.replace(/\p{Cc}/gu, ' ').replace(/[“”„«»]/g, '"'))
  const wanted = tokens.filter(({ excluded }) => !excluded)
  // Without anything to find there is nothing to exclude from.
  const isNegative = wanted.every(({ kind }) => kind === 'or')
  const positive = isNegative ? tokens : wanted
  if (positive.length === 0) return { readings: [], excluded: [], phrases: [] }
  const excluded = isNegative ? [] : tokens.filter((token) => token.excluded).map(({ text }) => text.trim())
  const alternatives = alternativesOf(positive)
  // The whole comes first: Truth or Dare is a title.
  const others = alternatives.length > 1 ? alternatives.map((run) => readingOf(run, alternativeWeight)) : []
  return { readings: [readingOf(positive), ...others], excluded, phrases: excluded.map((phrase) => `-${phrase}`) }
}

export interface Piece {
  readonly text: string
  readonly match: boolean
}

/** Cuts a text whose matches stand between U+0002 and U+0003 into pieces; text stays text, whoever shows it escapes it. */
export function piecesOf(marked: string): Piece[] {
  const pieces: Piece[] = []
  marked.split('\u0002').forEach((part, at) => {
    const end = at === 0 ? -1 : part.indexOf('\u0003')
    if (end > 0) pieces.push({ text: part.slice(0, end), match: true })
    const rest = part.slice(end + 1)
    if (rest !== '') pieces.push({ text: rest, match: false })
  })
  return pieces
}
