const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

const noise = words(
  'watch download stream streaming online full movie movies film films nollywood netflix youtube showmax trailer free hd latest complete official cinema',
)
/** Noise next to a word for film: "yoruba film", "naija movie". */
const origins = words('yoruba igbo hausa edo nigerian nigeria naija african pidgin english old new')
const films = words('movie movies film films cinema series')
const asking = words('wetin wey abeg')
const askingOn = words('be dey get')
/** How somebody asks for a film: "where i fit watch …", "abeg find me …". It is that only with a verb and a person in it. */
const opening = words(
  'abeg please pls oya i we wan want wanna need to where how can fit go take watch see find show give get me us',
)
const openingVerbs = words('watch see find show give get')
const openingPersons = words('i we me us')
const askedFor = words('me us')
/** What a film is described by: "movie about …", "the one where …". */
const described = words('movie movies film films series story one')
const describing = words('about where with wey')
const numbers = /^(?:\d{1,2}|i{1,3}|iv|v|vi|one|two|three|four|five|six)$/
const first = words('1 i one')

/**
 * How many words from the first on are about the asking: up to its verb, for *get out* and *how to get away* are films; none
 * unless something is left to ask for.
 */
function openingOf(terms: readonly string[]): number {
  const verb = terms.findIndex((word) => openingVerbs.has(word))
  const end = verb + (askedFor.has(terms[verb + 1] ?? '') ? 2 : 1)
  const run = terms.slice(0, end)
  if (verb < 0 || end === terms.length || !run.every((word) => opening.has(word))) return 0
  return run.some((word) => openingPersons.has(word)) ? end : 0
}

/** Which words are about the asking: watch … full movie, film wey be …, part 1 (a number other than 1 tells titles apart). */
export function noiseIn(terms: readonly string[]): boolean[] {
  const lower = terms.map((term) => term.toLowerCase())
  const quiet = lower.map(
    (word, at) =>
      noise.has(word) || (origins.has(word) && (films.has(lower[at + 1] ?? '') || films.has(lower[at - 1] ?? ''))),
  )
  lower.forEach((word, at) => {
    const next = lower[at + 1] ?? ''
    if ((word === 'part' || word === 'season') && numbers.test(next)) {
      quiet[at] = true
      if (first.has(next)) quiet[at + 1] = true
    }
    if (asking.has(word) && askingOn.has(next)) quiet[at] = quiet[at + 1] = true
    if (word === 'wey' && at > 0) quiet[at] = true
    if (described.has(word) && describing.has(next)) quiet[at] = quiet[at + 1] = true
    if (word === 'series' && at > 0 && at === lower.length - 1 && lower[at - 1] !== 'the') quiet[at] = true
    if (at === 0 && lower.length > 2 && (word === 'that' || word === 'dat' || word === 'abeg')) quiet[at] = true
  })
  quiet.fill(true, 0, openingOf(lower))
  return quiet
}
