/** What a title says about itself: pure functions over the raw text. */

const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const romans = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII']
/** Above this a number is part of the name (Before 30, Invasion 1897). */
const greatestPart = 20

const number = `\\d{1,2}|${romans.toReversed().join('|')}`
const word = '(?:part|pt\\.?|chapter|season|volume|vol\\.?|book)'
const subtitle = '(?:\\s*[:–—]\\s*.+|\\s+-\\s+.+|\\s*\\(.+\\))?'
const worded = new RegExp(`^(.+?)[\\s:,(–—-]+${word}\\s*(${number}|${words.join('|')})\\)?${subtitle}$`, 'iu')
const bare = new RegExp(`^(.+?)[\\s:,]+(${number})${subtitle}$`, 'u')

function numberOf(text: string): number {
  const roman = romans.indexOf(text.toUpperCase())
  if (roman >= 0) return roman + 1
  const spelt = words.indexOf(text.toLowerCase())
  return spelt >= 0 ? spelt + 1 : Number(text)
}

/**
 * Splits off the number of a part: `Chief Daddy 2: Going for Broke` → Chief Daddy, 2. Null where there is none, or where what
 * is before it can't be a name (`Finding Mercy 1 & 2`).
 */
export function splitPart(title: string): { base: string; number: number } | null {
  const match = worded.exec(title) ?? bare.exec(title)
  const base = match?.[1]
  const found = match?.[2]
  if (base === undefined || found === undefined || /(?:&|\band|,)$/iu.test(base)) return null
  const value = numberOf(found)
  return value >= 1 && value <= greatestPart ? { base, number: value } : null
}

/** A title's pieces around a colon, a dash or brackets: `Eyimofe (This Is My Desire)` → Eyimofe, This Is My Desire. */
export const segmentsOf = (title: string): string[] =>
  title
    .split(/\s*:\s+|\s+[–—-]\s+|\s*[()]\s*/u)
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '')

/** A person's name without bracketed nicknames, and the names that brackets and quotes hold. */
export function splitPersonName(name: string): { bare: string; aliases: string[] } {
  const nicknames: string[] = []
  const bareName = name
    // Brackets with a number tell namesakes apart: they stay.
    .replace(/\s*\((?!(?:[IVX]+|\d+)\))([^()]+)\)/gu, (_, nickname: string) => {
      nicknames.push(nickname.trim())
      return ''
    })
    .trim()
  const quoted = /^(.+?)\s['‘“"]([^'’”"]+)['’”"]\s(.+)$/u.exec(bareName)
  const [, first, nickname, last] = quoted ?? []
  if (first && nickname && last) nicknames.push(nickname, `${nickname} ${last}`, `${first} ${last}`)
  if (bareName === '') return { bare: name, aliases: [] }
  return { bare: bareName, aliases: bareName === name ? nicknames : [bareName, ...nicknames] }
}
