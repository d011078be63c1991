import type { CatalogueEntry } from '../catalogue-entry.ts'
import { plain } from './local-words.ts'

/** Which names are taken by the real catalogue: nothing generated is called the same. */
export interface RealNames {
  readonly isTitle: (name: string) => boolean
  readonly isPerson: (name: string) => boolean
}

const bare = (name: string): string =>
  plain(name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')

export function realNames(entries: readonly CatalogueEntry[]): RealNames {
  const titles = new Set(
    entries.flatMap((entry) => [entry.title, entry.local_title ?? '', ...(entry.alternate_titles ?? [])]).map(bare),
  )
  const people = new Set(
    entries
      .flatMap(({ cast = [], directors = [], producers = [], writers = [] }) => [
        ...cast.map((member) => member.name),
        ...directors,
        ...producers,
        ...writers,
      ])
      .map(bare),
  )
  return { isTitle: (name) => titles.has(bare(name)), isPerson: (name) => people.has(bare(name)) }
}
