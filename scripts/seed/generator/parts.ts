import { splitPart } from '../title-forms.ts'
import { type Random, randomFor } from './random.ts'

const stream = 3
/** Of twelve titles the last two continue others of the twelve: one in six is a part, and none needs to be looked up. */
export const blockSize = 12
const firstParts = 10

/** What the title with a serial continues, or null. No two are the same part of the same title. */
export function partOf(seed: number, serial: number): { root: number; number: number } | null {
  const place = serial % blockSize
  if (place < firstParts) return null
  const random = randomFor(seed, stream, Math.floor(serial / blockSize))
  const start = serial - place
  const a = random.below(firstParts)
  const b = random.below(firstParts)
  if (place === firstParts) return { root: start + a, number: 2 }
  return a === b || random.chance(0.35) ? { root: start + a, number: 3 } : { root: start + b, number: 2 }
}

const roman = ['', 'I', 'II', 'III'] as const
const spelt = ['', 'One', 'Two', 'Three'] as const

/** `Blood Money` → `Blood Money 2`, `Blood Money Part Two`, `Blood Money 2: The Return` … */
export function partTitle(random: Random, title: string, number: number, subtitle: () => string): string {
  // A name that ends in a number itself (Area 12) can only be continued in words.
  const draw = splitPart(title) ? 0.8 : random.next()
  if (draw < 0.5) return `${title} ${number}`
  if (draw < 0.6) return `${title} ${roman[number]}`
  if (draw < 0.76) return `${title} Part ${number}`
  if (draw < 0.84) return `${title} Part ${spelt[number]}`
  return `${title} ${number}: ${subtitle()}`
}
