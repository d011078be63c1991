import { adjectives, gerunds, kin, nouns, pidginTitles, places } from './english-words.ts'
import { hausa, igbo, type LocalLanguage, type LocalWord, madeUpWord, plain, yoruba } from './local-words.ts'
import { givenName } from './people.ts'
import { type Random, zipfPick, zipfRank } from './random.ts'

export interface MadeTitle {
  readonly title: string
  /** With its tone marks, where the title has none. */
  readonly localTitle: string | null
  /** What a title in a Nigerian language means, where that is told. */
  readonly gloss: string | null
  readonly language: LocalLanguage | 'en' | 'pcm'
}

/** How the tail of the vocabulary goes on after the list: a catalogue twice as large has half again as many words. */
const rareWords = 5_000_000
const localLanguages: readonly LocalLanguage[] = ['yo', 'yo', 'yo', 'ig', 'ig', 'ha']

/** A word of the list, or, the rarer the more, one that only this catalogue knows: a name, a place, a word of a language. */
function noun(random: Random): string {
  const rank = zipfRank(random, 60, 0.62, nouns.length + rareWords)
  return nouns[rank] ?? plain(madeUpWord(localLanguages[rank % 6]!, rank))
}

const plurals: Readonly<Record<string, string>> = {
  Child: 'Children',
  Man: 'Men',
  Woman: 'Women',
  Wife: 'Wives',
  Thief: 'Thieves',
  Life: 'Lives',
  Knife: 'Knives',
  Leaf: 'Leaves',
  Money: 'Monies',
  Foot: 'Feet',
  Tooth: 'Teeth',
  Tears: 'Tears',
  Lagos: 'Lagosians',
  Fisherman: 'Fishermen',
}
const plural = (word: string): string =>
  plurals[word]
    ? plurals[word]
    : /(?:s|ch|sh|x|z)$/.test(word)
      ? `${word}es`
      : /[^aeiou]y$/.test(word)
        ? `${word.slice(0, -1)}ies`
        : `${word}s`

const owner = (name: string): string => (name.endsWith('s') ? `${name}'` : `${name}'s`)

const numbers = ['Two', 'Three', 'Seven', '7', '10', '30', '90', 'Four', 'Five', '12', '40', '21'] as const

type Pattern = readonly [weight: number, make: (random: Random) => string]
const adjective = (random: Random): string => zipfPick(random, adjectives)
const place = (random: Random): string => zipfPick(random, places, 4)

const english: readonly Pattern[] = [
  [12, (r) => `${adjective(r)} ${noun(r)}`],
  [13, (r) => `${noun(r)} ${noun(r)}`],
  [6, (r) => `The ${noun(r)}`],
  [6, (r) => `The ${adjective(r)} ${noun(r)}`],
  [6, (r) => `${noun(r)} of ${noun(r)}`],
  [3, (r) => `The ${noun(r)} of ${place(r)}`],
  [4, (r) => `${noun(r)} and ${noun(r)}`],
  [2, (r) => `${noun(r)} & ${noun(r)}`],
  [6, (r) => `The ${owner(noun(r))} ${noun(r)}`],
  [1, (r) => `My ${r.chance(0.5) ? `${adjective(r)} ` : ''}${zipfPick(r, kin)}`],
  [4, (r) => `My ${owner(zipfPick(r, kin))} ${noun(r)}`],
  [4, (r) => `${zipfPick(r, gerunds)} ${r.chance(0.5) ? noun(r) : givenName(r)}`],
  [3, (r) => `${noun(r)} in ${place(r)}`],
  [3, (r) => `${place(r)} ${plural(noun(r))}`],
  [3, (r) => givenName(r)],
  [4, (r) => `${givenName(r)}: The ${r.chance(0.4) ? `${adjective(r)} ` : ''}${noun(r)}`],
  [3, (r) => `${owner(givenName(r))} ${noun(r)}`],
  [2, (r) => `${r.pick(numbers)} ${plural(noun(r))}${r.chance(0.3) ? ` in ${place(r)}` : ''}`],
  [2, (r) => `Beyond ${noun(r)}`],
  [2, (r) => `${plural(noun(r))} on ${noun(r)}`],
  [2, (r) => `A ${noun(r)} for ${givenName(r)}`],
  [2, (r) => `${noun(r)}: ${adjective(r)} ${noun(r)}`],
]
const englishWeight = english.reduce((sum, [weight]) => sum + weight, 0)

function englishTitle(random: Random): string {
  let left = random.next() * englishWeight
  for (const [weight, make] of english) {
    left -= weight
    if (left < 0) return make(random)
  }
  return `The ${noun(random)}`
}

const pidginTitle = (random: Random): string =>
  zipfPick(random, pidginTitles).replace(/\{([npc])\}/g, (_, slot: string) =>
    slot === 'n' ? noun(random) : slot === 'p' ? givenName(random) : place(random),
  )

const vocabularies: Readonly<Record<LocalLanguage, readonly LocalWord[]>> = { yo: yoruba, ig: igbo, ha: hausa }

/** Said together, two nouns mean the first of the second in all three languages; Hausa joins a man's by a linking n. */
function localTitle(random: Random, language: LocalLanguage): { words: string; gloss: string | null } {
  const words = vocabularies[language]
  if (random.chance(0.35)) {
    const serial = zipfRank(random, 2000, 0.6, rareWords)
    return { words: madeUpWord(language, serial), gloss: random.chance(0.5) ? englishTitle(random) : null }
  }
  const first = zipfPick(random, words, words.length / 2)
  const second = zipfPick(random, words, words.length / 2)
  if (random.chance(0.1) || first === second) return { words: first.word, gloss: first.gloss }
  if (random.chance(0.25)) {
    const rare = madeUpWord(language, zipfRank(random, 200, 0.6, rareWords))
    return { words: `${first.word} ${rare}`, gloss: null }
  }
  return { words: `${first.word} ${second.word}`, gloss: `${first.gloss} of ${second.gloss}` }
}

function titleIn(random: Random, language: LocalLanguage): MadeTitle {
  const { words, gloss } = localTitle(random, language)
  const bare = plain(words)
  const told = random.chance(0.45) ? gloss : null
  // Some titles have a name in two languages, as Thunderbolt: Magun.
  if (told && random.chance(0.25)) {
    return { title: `${bare}: ${told}`, localTitle: random.chance(0.5) ? words : null, gloss: told, language }
  }
  if (random.chance(0.08)) return { title: words, localTitle: null, gloss: told, language }
  return { title: bare, localTitle: bare !== words && random.chance(0.6) ? words : null, gloss: told, language }
}

/**
 * One title: two thirds English, the others in Pidgin, Yoruba, Igbo and Hausa.
 * @param isReal whether a name is a real title's: a search for that has one right answer
 */
export function makeTitle(random: Random, isReal: (name: string) => boolean): MadeTitle {
  for (;;) {
    const made = anyTitle(random)
    if (![made.title, made.localTitle, made.gloss].some((name) => name !== null && isReal(name))) return made
  }
}

function anyTitle(random: Random): MadeTitle {
  const draw = random.next()
  if (draw < 0.68) return { title: englishTitle(random), localTitle: null, gloss: null, language: 'en' }
  if (draw < 0.75) return { title: pidginTitle(random), localTitle: null, gloss: null, language: 'pcm' }
  return titleIn(random, draw < 0.89 ? 'yo' : draw < 0.95 ? 'ig' : 'ha')
}
