import { knownPeople } from '../../db/seeds/people.ts'
import { splitPersonName } from './title-forms.ts'
import type { Fold } from './title-parts.ts'

export interface CreditedPerson {
  /** The folded name that stands for the person. */
  readonly key: string
  readonly name: string
  readonly aliases: readonly string[]
  /** Folded names by which the person may be in the database already. */
  readonly keys: readonly string[]
}

export interface CreditedPeople {
  readonly people: readonly CreditedPerson[]
  /** The key of the person whom a name as credited means. */
  readonly keyOf: (name: string) => string
}

/** Every text that `creditedPeople` folds. */
export const foldedForPeople = (names: Iterable<string>): string[] => [
  ...[...names].flatMap((name) => [name, splitPersonName(name).bare, ...splitPersonName(name).aliases]),
  ...knownPeople.flatMap((person) => [person.name, ...person.aliases]),
]

/** Only a name of two words or more tells who is meant: Aki and AY may be anybody. */
const tells = (key: string): boolean => key.includes(' ')

/** Folded alias → folded name, from the curated list and from brackets and quotes; one that could mean two people is left out. */
function redirections(names: readonly string[], keyOfName: (name: string) => string, fold: Fold): Map<string, string> {
  const meant = new Map<string, Set<string>>()
  const add = (alias: string, key: string): void => {
    const aliasKey = fold(alias)
    if (!tells(aliasKey) || aliasKey === key) return
    meant.set(aliasKey, (meant.get(aliasKey) ?? new Set()).add(key))
  }
  for (const { name, aliases } of knownPeople) for (const alias of aliases) add(alias, fold(name))
  const curated = new Set(meant.keys())
  for (const name of names) {
    for (const alias of splitPersonName(name).aliases) if (!curated.has(fold(alias))) add(alias, keyOfName(name))
  }
  return new Map([...meant].flatMap(([alias, keys]) => (keys.size === 1 ? [[alias, [...keys][0]!] as const] : [])))
}

const marks = (name: string): number => name.normalize('NFD').length

/** The form that is shown: the one used most, of these the one with most tone marks. */
function shownForm(uses: ReadonlyMap<string, number>): string {
  const forms = [...uses].sort(([a, x], [b, y]) => y - x || marks(b) - marks(a) || (a < b ? -1 : 1))
  return forms[0]![0]
}

/** Makes people of names: names that fold alike, or that are known to be somebody's other name, are one person. */
export function creditedPeople(names: readonly string[], fold: Fold): CreditedPeople {
  const ownKey = (name: string): string => fold(splitPersonName(name).bare) || name
  const redirected = redirections([...new Set(names)], ownKey, fold)
  const keyOf = (name: string): string => {
    const key = ownKey(name)
    const other = redirected.get(key)
    return other === undefined ? key : (redirected.get(other) ?? other)
  }
  const forms = new Map<string, Map<string, number>>()
  for (const name of names) {
    const key = keyOf(name)
    const uses = forms.get(key) ?? new Map<string, number>()
    forms.set(key, uses.set(name, (uses.get(name) ?? 0) + 1))
  }
  const curated = new Map(knownPeople.map((person) => [fold(person.name), person]))
  const people = [...forms].map(([key, uses]): CreditedPerson => {
    const known = curated.get(key)
    // Of several names the person goes by the one that the key is made of.
    const plain = new Map([...uses].filter(([name]) => ownKey(name) === key))
    const name = plain.size > 0 ? shownForm(plain) : (known?.name ?? shownForm(uses))
    const others = [...uses.keys(), ...[...uses.keys()].flatMap((form) => splitPersonName(form).aliases)]
    const byFold = new Map<string, string>()
    for (const alias of [...(known?.aliases ?? []), ...others]) {
      if (fold(alias) !== fold(name) && !byFold.has(fold(alias))) byFold.set(fold(alias), alias)
    }
    const aliases = [...byFold.values()]
    return { key, name, aliases, keys: [...new Set([key, fold(name), ...aliases.map(fold).filter(tells)])] }
  })
  return { people, keyOf }
}
