import type { Random } from '../generator/random.ts'

/** The community opened then; times are seconds since. */
export const opening = Date.UTC(2019, 0, 1) / 1000
export const day = 86_400

/** A time of ours as Postgres reads it. */
export const timestamp = (seconds: number): string => new Date((opening + seconds) * 1000).toISOString()

/** About normally distributed around 0, with deviation 1. */
export const normal = (random: Random): number => 2 * (random.next() + random.next() + random.next() - 1.5)

/** How long something takes that comes as likely at any moment, and has come within `most`. */
export const waiting = (random: Random, mean: number, most = Number.POSITIVE_INFINITY): number =>
  -mean * Math.log(1 - random.next() * (1 - Math.exp(-most / mean)))
