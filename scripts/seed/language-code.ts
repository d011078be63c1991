import { languageCodes } from '../../db/seeds/languages.ts'

const lower = (name: string): string => name.toLowerCase()
const curated = new Map(Object.entries(languageCodes).map(([name, code]) => [lower(name), code]))
const curatedNames = new Map(
  Object.entries(languageCodes)
    .map(([name, code]) => [code, name] as const)
    .toReversed(),
)

const displayed = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
const letters = [...'abcdefghijklmnopqrstuvwxyz']

/** ICU names languages by code only, so all codes of two and three letters (some 18,000) are asked for their names. */
function icuCodes(): Map<string, string> {
  const pairs = letters.flatMap((a) => letters.map((b) => a + b))
  const codes = [...pairs, ...pairs.flatMap((pair) => letters.map((c) => pair + c))]
  return new Map(
    codes.toReversed().flatMap((code) => {
      const name = displayed.of(code)
      return name ? [[lower(name), code] as const] : []
    }),
  )
}

/** Gives a function from the English name of a language to its code; ICU's table is made at the first unusual name. */
export function languageCoder(): (name: string) => string | undefined {
  let icu: Map<string, string> | undefined
  return (name) => {
    const code = curated.get(lower(name))
    if (code) return code
    icu ??= icuCodes()
    return icu.get(lower(name))
  }
}

/** The name that is shown for a code. */
export const languageName = (code: string): string => curatedNames.get(code) ?? displayed.of(code) ?? code
