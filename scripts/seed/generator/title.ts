import { type MadeCredit, makeCredits } from './credits.ts'
import { partOf, partTitle } from './parts.ts'
import { type Random, randomFor } from './random.ts'
import type { RealNames } from './real-names.ts'
import { lastYear, releaseYear } from './title-facts.ts'
import { type MadeTitle, makeTitle } from './titles.ts'

/** What everything generated depends on. */
export interface World {
  readonly seed: number
  readonly real: RealNames
}

export interface MadeAlias {
  readonly name: string
  readonly kind: 'english' | 'local' | 'pidgin' | 'retitle' | 'part' | 'misspelling'
  readonly language: string | null
}

/** A title's name, year and people: what its continuations take over. */
export interface TitleCore extends MadeTitle {
  readonly serial: number
  readonly year: number
  readonly type: 'movie' | 'series'
  readonly root: number | null
  readonly number: number | null
  readonly credits: readonly MadeCredit[]
  /** Goes on where the core has stopped, for the other facts. */
  readonly random: Random
}

const stream = 1

/** The part of the name that a continuation takes over: what is before a colon, or all. */
const shortName = (random: Random, name: string): string => (random.chance(0.6) ? name.split(':')[0]! : name)

export function titleCore(world: World, serial: number): TitleCore {
  const random = randomFor(world.seed, stream, serial)
  const made = makeTitle(random, world.real.isTitle)
  const year = releaseYear(random)
  const type = random.chance(0.19) ? 'series' : 'movie'
  const part = partOf(world.seed, serial)
  if (!part) {
    return {
      ...made,
      serial,
      year,
      type,
      root: null,
      number: null,
      credits: makeCredits(world.seed, serial, null),
      random,
    }
  }
  const root = titleCore(world, part.root)
  const base = shortName(random, root.title)
  const subtitle = (): string => (made.language === 'en' ? made.title.replace(/:.*/, '') : 'The Return')
  let title: string
  do title = partTitle(random, base, part.number, subtitle)
  while (world.real.isTitle(title))
  return {
    title,
    localTitle: root.localTitle === null ? null : `${root.localTitle.split(':')[0]} ${part.number}`,
    gloss: root.gloss === null ? null : `${root.gloss} ${part.number}`,
    language: root.language,
    serial,
    year: Math.min(lastYear - 1, root.year + (part.number - 1) * random.below(3)),
    type: root.type,
    root: part.root,
    number: part.number,
    credits: makeCredits(world.seed, serial, root.credits),
    random,
  }
}

/** Other names, one title in six having some, of every kind that real titles have. */
export function aliasesFor({ title, localTitle, gloss, language, number, random }: TitleCore): MadeAlias[] {
  const aliases = new Map<string, MadeAlias>()
  const add = (name: string, kind: MadeAlias['kind'], of: string | null = null): void => {
    if (name !== title && name !== localTitle && !aliases.has(name)) aliases.set(name, { name, kind, language: of })
  }
  if (gloss !== null) add(gloss, title.includes(': ') ? 'retitle' : 'english', 'en')
  if (language !== 'en' && language !== 'pcm' && title.includes(': ')) add(title.split(': ')[0]!, 'local', language)
  if (number !== null && random.chance(0.25))
    add(`${title.replace(/ (?:Part |\d|I+\b).*$/, '')} Part ${number}`, 'part')
  if (language === 'en' && random.chance(0.015)) add(`${title.replace(/^(?:The|My) /, '')} Wahala`, 'pidgin', 'pcm')
  if (title.startsWith('The ') && random.chance(0.05)) add(title.slice(4), 'retitle')
  else if (random.chance(0.02)) add(`${title}: The Movie`, 'retitle')
  if (/^\w+ \w+$/.test(title) && random.chance(0.03)) add(title.replace(' ', ''), 'misspelling')
  return [...aliases.values()]
}
