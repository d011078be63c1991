/** Text as a reader takes it, with where in the source each of its characters stands. */
export interface Reading {
  /** Words of a–z and 0–9, one blank between them. */
  readonly text: string
  /** Index in the source of each character of `text`. */
  readonly origin: readonly number[]
}

/** A letter hidden behind stars: `f**k`, with the stars as they are. */
export interface MaskedWord {
  readonly text: string
  readonly start: number
  readonly end: number
}

interface Cell {
  /** One of a–z, 0–9, or the mark as it is; ' ' for blanks. */
  readonly char: string
  readonly at: number
}

/** Letters that do not decompose into a base and marks: those of Hausa, and some that only look like Latin ones. */
const alike = new Map(
  Object.entries({
    ɓ: 'b',
    ɗ: 'd',
    ƙ: 'k',
    ƴ: 'y',
    ŋ: 'n',
    ß: 'ss',
    ø: 'o',
    ł: 'l',
    đ: 'd',
    ı: 'i',
    ǝ: 'e',
    ə: 'e',
    ɛ: 'e',
    ɔ: 'o',
    æ: 'ae',
    œ: 'oe',
    ...{ а: 'a', в: 'b', е: 'e', к: 'k', м: 'm', н: 'h', о: 'o', р: 'p', с: 'c', т: 't', у: 'y', х: 'x', і: 'i' },
    ...{ ј: 'j', ѕ: 's', ԁ: 'd', ԛ: 'q', ԝ: 'w', һ: 'h', α: 'a', ε: 'e', ι: 'i', κ: 'k', ν: 'v', ο: 'o', ρ: 'p' },
    ...{ τ: 't', υ: 'u', χ: 'x' },
  }),
)

const isLetter = (char: string): boolean => char >= 'a' && char <= 'z'
const isWordChar = (char: string): boolean => isLetter(char) || (char >= '0' && char <= '9')

/** What stands for nothing by itself: joiners, soft hyphens, variation selectors; and apostrophes, which fold() drops too. */
const silent = /[\p{M}\p{Cf}'’‘ʼʻ`´ʹ′]/gu

/** What one character is read as: none, one or several. */
function plainCharacters(char: string): string {
  if (isWordChar(char) || char === ' ') return char
  const plain = char.normalize('NFKD').replace(silent, '').toLowerCase()
  return [...plain].map((part) => alike.get(part) ?? (/\s/.test(part) ? ' ' : part)).join('')
}

function cellsOf(source: string): Cell[] {
  const cells: Cell[] = []
  // A text has few characters, each many times.
  const known = new Map<string, string>()
  let at = 0
  for (const char of source) {
    let plain = known.get(char)
    if (plain === undefined) {
      plain = plainCharacters(char)
      known.set(char, plain)
    }
    for (const letter of plain) cells.push({ char: letter, at })
    at += char.length
  }
  return cells
}

function readingOf(cells: readonly Cell[]): Reading {
  const shown: string[] = []
  const origin: number[] = []
  let last = ' '
  for (const { char, at } of cells) {
    const next = isWordChar(char) ? char : ' '
    if (next === ' ' && last === ' ') continue
    shown.push(next)
    origin.push(at)
    last = next
  }
  return { text: shown.join(''), origin }
}

const leet: Readonly<Record<string, string>> = {
  ...{
    '0': 'o',
    '1': 'i',
    '3': 'e',
    '4': 'a',
    '5': 's',
    '6': 'g',
    '7': 't',
    '@': 'a',
    $: 's',
    '!': 'i',
    '|': 'i',
    '€': 'e',
  },
}

/** Marks that end a sentence, so that at the end of a word they mean what they are. */
const closing = new Set(['!', '|'])

/** `a55h0le`, `$h!t`: what stands for a letter between or beside letters is read as it. `null` when nothing does. */
function unmask(cells: readonly Cell[]): Cell[] | null {
  const result = [...cells]
  let changed = false
  for (let start = 0; start < cells.length; start += 1) {
    let end = start
    while (end < cells.length && (isLetter(cells[end]!.char) || cells[end]!.char in leet)) end += 1
    const next = end
    while (end > start && closing.has(cells[end - 1]!.char)) end -= 1
    const word = end > start ? cells.slice(start, end) : []
    if (word.some(({ char }) => isLetter(char)) && word.some(({ char }) => char in leet)) {
      for (let index = start; index < end; index += 1) {
        const { char, at } = cells[index]!
        if (char in leet) result[index] = { char: leet[char]!, at }
      }
      changed = true
    }
    start = Math.max(start, next)
  }
  return changed ? result : null
}

const joints = new Set(['.', '-', '_', '~', '·', '‐', '‑', '–', '/', '\\', ',', '+', '='])

/** `m u m u`, `m.u.m.u`, `mu-mu`: letters kept apart are read as one word. `null` when there are none. */
function join(cells: readonly Cell[]): Cell[] | null {
  const isWord = (index: number): boolean => index >= 0 && index < cells.length && isWordChar(cells[index]!.char)
  const isSingle = (index: number): boolean => isWord(index) && !isWord(index - 1) && !isWord(index + 1)
  const dropped = new Set<number>()
  for (let index = 1; index < cells.length - 1; index += 1) {
    const { char } = cells[index]!
    if (char !== ' ' && !joints.has(char)) continue
    if (!isWord(index - 1) || !isWord(index + 1)) continue
    const between = isSingle(index - 1) && isSingle(index + 1)
    // A lone pair, as in `a b`, is two words.
    const ofMany = between && (isSingle(index - 3) || isSingle(index + 3))
    if (char === ' ' ? ofMany : true) dropped.add(index)
  }
  return dropped.size > 0 ? cells.filter((_, index) => !dropped.has(index)) : null
}

/**
 * Every way in which a text may be meant: as it stands, with digits and marks taken for letters, and with what is kept
 * apart joined. Tone marks, dots and hooks are read past, in every form that Unicode has for them.
 * @param source NFC, at most some thousand characters: the work is linear in it
 */
export function readingsOf(source: string): readonly [Reading, ...Reading[]] {
  const cells = cellsOf(source)
  const unmasked = unmask(cells)
  const joined = join(unmasked ?? cells)
  return [readingOf(cells), ...[unmasked, joined].filter((other) => other !== null).map(readingOf)]
}

/** Words with stars or hashes in place of some letters, at most `most` of them. */
export function maskedWordsOf(source: string, most = 20): MaskedWord[] {
  const words: MaskedWord[] = []
  for (const match of source.matchAll(/(?<![\p{L}*#])\p{L}{1,20}[*#]{1,10}\p{L}{0,20}(?![\p{L}*#])/gu)) {
    const text = readingOf(cellsOf(match[0].replaceAll(/[*#]/g, '0'))).text.replaceAll('0', '*')
    if (text.length > 3) words.push({ text, start: match.index, end: match.index + match[0].length })
    if (words.length === most) break
  }
  return words
}
