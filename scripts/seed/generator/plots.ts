import { places } from './english-words.ts'
import { givenName } from './people.ts'
import { type Random, zipfPick } from './random.ts'

const openings = [
  'When {p} returns to {c} after ten years abroad,',
  'On the eve of her wedding in {c},',
  'After the {n} of a village elder,',
  'In a quiet corner of {c},',
  'Desperate to keep the family {n},',
  'With nothing but a {n} to her name,',
  'The day that a {n} is stolen from the palace,',
  'Thrown out by her in-laws,',
  'Months before the election,',
  'Fresh out of prison,',
  'Because of a {n} that nobody will speak of,',
  'Once the richest house in {c} has fallen,',
  'While the town prepares for the {n} festival,',
  'To pay for her mother’s operation,',
  'Against the advice of the oracle,',
] as const
const heroes = [
  'a young lawyer',
  'a stubborn princess',
  'a jealous sister',
  'a widowed trader',
  'a taxi driver named {p}',
  'the palace maid',
  'a retired soldier',
  'a struggling musician',
  'a banker with a double life',
  'the chief’s last wife',
  'a village teacher',
  'a fortune hunter from {c}',
  'a pastor with a past',
  'an undercover policewoman',
  'a house help called {p}',
  'an ageing king',
] as const
const deeds = [
  'must choose between love and {n}',
  'finds that the {n} was never hers',
  'makes a pact with a stranger',
  'sets out to uncover who took the {n}',
  'falls for the one person her family forbids',
  'is drawn into a {n} ring',
  'hides a {n} that could start a war',
  'goes to {c} to look for a missing {n}',
  'takes revenge on the house of {p}',
  'has seven days to repay a {n}',
  'marries into a family with a {n} of its own',
  'pretends to be the heir of {p}',
  'inherits a {n} and all the enemies that come with it',
  'tries to bury what happened at the {n}',
] as const
const endings = [
  'and nobody in {c} will ever be the same.',
  'until {p} walks back in.',
  'but the {n} has other plans.',
  'and the truth costs more than money.',
  'while the whole street watches.',
  'before the {n} claims another life.',
  'only to learn that {p} knew all along.',
  'and every friend turns out to have a price.',
  'as old wounds open again.',
  'with laughter, tears and a great deal of jollof.',
  'and the gods are not amused.',
  'at the price of everything she built.',
] as const

const things =
  'ring crown letter drum diamond necklace baby key will calabash mask sword photograph diary gun goat car house farm stool ' +
  'bracelet bible suitcase phone ledger cross mirror canoe robe gourd lantern manuscript flute shrine well cheque passport ' +
  'bridge horse coffin statue spear painting bell clock knife wedding promise debt curse secret kingdom inheritance'
const nouns = things.split(' ')

const fill = (random: Random, text: string): string =>
  text.replace(/\{([npc])\}/g, (_, slot: string) =>
    slot === 'n' ? zipfPick(random, nouns) : slot === 'p' ? givenName(random) : zipfPick(random, places, 6),
  )

/** One sentence, sometimes two. */
export function makePlot(random: Random): string {
  const first = `${random.pick(openings)} ${random.pick(heroes)} ${random.pick(deeds)}, ${random.pick(endings)}`
  if (!random.chance(0.3)) return fill(random, first)
  const hero = random.pick(heroes)
  return fill(random, `${first} ${hero.charAt(0).toUpperCase()}${hero.slice(1)} ${random.pick(deeds)}.`)
}
