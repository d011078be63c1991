import type { CatalogueEntry } from './catalogue-entry.ts'
import { type CheckedCatalogue, entrySlug } from './catalogue-problems.ts'
import { type CreditedPerson, creditedPeople, foldedForPeople } from './credited-people.ts'
import { foldedForAliases, type NamedTitle, type TitleAlias, typedAliases } from './title-aliases.ts'
import { basesOf, type Fold, type PartCandidate } from './title-parts.ts'

const roles = ['actor', 'director', 'producer', 'writer'] as const
type Role = (typeof roles)[number]

export interface PlannedCredit {
  readonly person: string
  readonly role: Role
  readonly character: string | null
  readonly billing_order: number
}

/** A title as it is to be, null meaning not known: what the database knows then stays. */
export interface PlannedTitle {
  readonly slug: string
  readonly entry: CatalogueEntry
  readonly release: { readonly date: string | null; readonly year: number | null; readonly precision: string }
  readonly box_office: string | null
  readonly aliases: readonly TitleAlias[]
  readonly languages: readonly string[]
  readonly companies: ReadonlyArray<{ readonly key: string; readonly name: string }>
  /** Roles of which the file knows the people. */
  readonly roles: readonly Role[]
  readonly credits: readonly PlannedCredit[]
}

export interface CataloguePlan {
  readonly titles: readonly PlannedTitle[]
  readonly people: readonly CreditedPerson[]
}

const castOf = (entry: CatalogueEntry) => ({
  actor: entry.cast,
  director: entry.directors?.map((name) => ({ name, character: undefined })),
  producer: entry.producers?.map((name) => ({ name, character: undefined })),
  writer: entry.writers?.map((name) => ({ name, character: undefined })),
})

function creditedNames(entry: CatalogueEntry): string[] {
  const cast = castOf(entry)
  return roles.flatMap((role) => (cast[role] ?? []).map((member) => member.name))
}

function namedTitle(entry: CatalogueEntry, codes: ReadonlyMap<string, string>): NamedTitle {
  const { title, local_title, alternate_titles } = entry
  const languages = [...new Set((entry.languages ?? []).flatMap((name) => codes.get(name) ?? []))]
  return { title, languages, ...(local_title && { local_title }), ...(alternate_titles && { alternate_titles }) }
}

function releaseOf({ release_date: date, year }: CatalogueEntry): PlannedTitle['release'] {
  if (date === undefined) return { date: null, year: year ?? null, precision: year === undefined ? 'unknown' : 'year' }
  const full = date.length === 7
  return { date: full ? `${date}-01` : date, year: Number(date.slice(0, 4)), precision: full ? 'month' : 'day' }
}

/** Billing counts from 0 within a role; a second mention of somebody without a character says nothing new. */
function creditsOf(entry: CatalogueEntry, keyOf: (name: string) => string): PlannedCredit[] {
  const cast = castOf(entry)
  return roles.flatMap((role) => {
    const members = (cast[role] ?? []).map(({ name, character }) => ({
      person: keyOf(name),
      character: character ?? null,
    }))
    const withCharacter = new Set(members.flatMap((member) => (member.character === null ? [] : [member.person])))
    const distinct = new Map<string, { person: string; character: string | null }>()
    for (const member of members) {
      if (member.character === null && withCharacter.has(member.person)) continue
      const key = JSON.stringify([member.person, member.character])
      if (!distinct.has(key)) distinct.set(key, member)
    }
    return [...distinct.values()].map((member, billing_order) => ({ ...member, role, billing_order }))
  })
}

const companiesOf = (entry: CatalogueEntry, fold: Fold): Array<{ key: string; name: string }> => {
  const byKey = new Map((entry.production_companies ?? []).map((name) => [fold(name) || name, name]))
  return [...byKey].map(([key, name]) => ({ key, name }))
}

/** `₦1,880,000,000` */
const naira = (amount: number): string => `₦${amount.toLocaleString('en-US')}`

export function partCandidate(entry: CatalogueEntry): PartCandidate {
  const { date, year } = releaseOf(entry)
  const others = [...(entry.local_title ? [entry.local_title] : []), ...(entry.alternate_titles ?? [])]
  return { slug: entrySlug(entry), type: entry.type, title: entry.title, others, year, date }
}

/** Every text of a catalogue that planning folds; folding is Postgres's, so it is done for all of them at once. */
export function foldedTexts({ entries, languageCodes }: CheckedCatalogue): Set<string> {
  const people = new Set(entries.flatMap(creditedNames))
  return new Set([
    ...entries.flatMap((entry) => [
      ...partCandidate(entry).others,
      ...basesOf(partCandidate(entry)),
      ...foldedForAliases(namedTitle(entry, languageCodes)),
      ...(entry.production_companies ?? []),
    ]),
    ...foldedForPeople(people),
  ])
}

/** Works out everything that a catalogue says, before anything is written. */
export function planCatalogue({ entries, languageCodes }: CheckedCatalogue, fold: Fold): CataloguePlan {
  const { people, keyOf } = creditedPeople(entries.flatMap(creditedNames), fold)
  const titles = entries.map((entry): PlannedTitle => {
    const named = namedTitle(entry, languageCodes)
    const cast = castOf(entry)
    return {
      slug: entrySlug(entry),
      entry,
      release: releaseOf(entry),
      box_office: entry.box_office_ngn === undefined ? null : naira(entry.box_office_ngn),
      aliases: typedAliases(named, fold),
      languages: named.languages,
      companies: companiesOf(entry, fold),
      roles: roles.filter((role) => cast[role] !== undefined),
      credits: creditsOf(entry, keyOf),
    }
  })
  return { titles, people }
}
