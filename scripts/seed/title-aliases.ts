import { segmentsOf, splitPart } from './title-forms.ts'
import type { Fold } from './title-parts.ts'

export interface TitleAlias {
  readonly name: string
  readonly kind: 'english' | 'local' | 'part' | 'misspelling' | 'retitle'
  readonly language: string | null
}

export interface NamedTitle {
  readonly title: string
  readonly local_title?: string
  readonly alternate_titles?: readonly string[]
  /** Codes, the main one first. */
  readonly languages: readonly string[]
}

/** Every text that `typedAliases` folds. */
export const foldedForAliases = ({
  title,
  local_title: local,
  alternate_titles: others = [],
}: NamedTitle): string[] => [title, ...segmentsOf(title), ...(local === undefined ? [] : [local]), ...others]

/** The language of the local title, when the title has but one language besides English and Pidgin. */
function localLanguage(languages: readonly string[]): string | null {
  const own = languages.filter((code) => code !== 'en' && code !== 'pcm')
  return own.length === 1 ? own[0]! : null
}

/** Whether the title itself is in a Nigerian language: it is the local title, or begins with it, or is spoken in one first. */
function isLocal(named: NamedTitle, compact: Fold): boolean {
  const { title, local_title: local, languages } = named
  if (local === undefined) return languages.length > 0 && languages[0] !== 'en' && languages[0] !== 'pcm'
  return compact(title) === compact(local) || segmentsOf(title).some((segment) => compact(segment) === compact(local))
}

/** Alternate titles with their kinds; the rules are in db/seeds/README.md and apply in this order. */
export function typedAliases(named: NamedTitle, fold: Fold): TitleAlias[] {
  const compact: Fold = (text) => fold(text).replaceAll(' ', '')
  const { title, local_title: local, languages } = named
  const segments = segmentsOf(title)
  const own = new Set(
    fold(title)
      .split(' ')
      .concat(local === undefined ? [] : fold(local).split(' ')),
  )
  const titleIsLocal = isLocal(named, compact)
  const english = (name: string): boolean => {
    if (!titleIsLocal) return false
    const at = segments.findIndex((segment) => compact(segment) === compact(name))
    // A segment of the title is its gloss unless it is the local title, or comes first where no local title tells.
    if (at >= 0) return local !== undefined || at > 0
    return !fold(name)
      .split(' ')
      .some((word) => own.has(word))
  }
  const kindOf = (name: string): TitleAlias['kind'] => {
    if (local !== undefined && compact(name) === compact(local)) return 'local'
    if (compact(name) === compact(title)) return 'misspelling'
    if (splitPart(name)) return 'part'
    return english(name) ? 'english' : 'retitle'
  }
  const names = new Set(named.alternate_titles ?? [])
  return [...names]
    .filter((name) => name !== title && name !== local)
    .map((name) => {
      const kind = kindOf(name)
      return { name, kind, language: kind === 'english' ? 'en' : kind === 'local' ? localLanguage(languages) : null }
    })
}
