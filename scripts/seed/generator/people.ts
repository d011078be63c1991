import { madeUpWord, plain } from './local-words.ts'
import { type NameStock, nameStocks, stageNames } from './person-words.ts'
import { type Random, randomFor, zipfPick, zipfRank } from './random.ts'

export interface MadePerson {
  readonly name: string
  readonly aliases: readonly string[]
}

const stream = 2
const stockWeight = nameStocks.reduce((sum, stock) => sum + stock.weight, 0)

function nameStock(random: Random): NameStock {
  let left = random.next() * stockWeight
  for (const stock of nameStocks) {
    left -= stock.weight
    if (left < 0) return stock
  }
  return nameStocks[0]!
}

const pickName = (random: Random, names: readonly string[]): string => zipfPick(random, names, names.length / 3)

/** A first name, as titles and plots use them. */
export const givenName = (random: Random): string => plain(pickName(random, nameStock(random).given))

/** Surnames go on after the list, by some thousand rare ones of each language. */
const surname = (random: Random, stock: NameStock): string =>
  random.chance(0.2)
    ? madeUpWord(
        stock === nameStocks[1] ? 'ig' : stock === nameStocks[2] ? 'ha' : 'yo',
        zipfRank(random, 400, 0.7, 4000),
      )
    : pickName(random, stock.surnames)

function fullName(random: Random, stock: NameStock) {
  const given = pickName(random, stock.given)
  const family = surname(random, stock)
  const middle = random.chance(0.22) ? pickName(random, stock.given) : null
  return { given, family, full: middle && middle !== given ? `${given} ${middle} ${family}` : `${given} ${family}` }
}

/**
 * The person with a serial: always the same one for the same seed. One name in sixteen is written with its tone marks.
 * @param isReal whether a name is a real person's, of whom nothing is to be made up
 */
export function makePerson(seed: number, serial: number, isReal: (name: string) => boolean): MadePerson {
  const random = randomFor(seed, stream, serial)
  const stock = nameStock(random)
  let { given, family, full } = fullName(random, stock)
  while (isReal(full)) ({ given, family, full } = fullName(random, stock))
  const name = random.chance(1 / 16) ? full : plain(full)
  const aliases: string[] = []
  if (random.chance(0.04)) aliases.push(`${zipfPick(random, stageNames)} ${plain(pickName(random, stock.given))}`)
  if (random.chance(0.03)) aliases.push(plain(`${given} ${surname(random, stock)}-${family}`))
  return { name, aliases }
}

/** How many people a catalogue of so many generated titles has: newcomers get rarer, as in the real one. */
export const peopleOf = (titles: number): number => Math.ceil(8 * titles ** 0.86)
