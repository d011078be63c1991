import { invalidField } from '../../lib/errors.ts'
import type { MoviePatch } from './movie-input.schemas.ts'

/** When a title came out, as exactly as it is known. */
export interface Release {
  readonly release_date: string | null
  readonly release_year: number | null
  readonly release_precision: 'day' | 'month' | 'year' | 'unknown'
}

type Given = Pick<MoviePatch, 'release_date' | 'release_year' | 'release_precision'>

const unknown: Release = { release_date: null, release_year: null, release_precision: 'unknown' }

function datedRelease(date: string, given: Given, precision: 'day' | 'month'): Release {
  const year = Number(date.slice(0, 4))
  if (year < 1895 || year > 2200) throw invalidField('body.release_date', 'must be from 1895 to 2200')
  if (given.release_year !== undefined && given.release_year !== year) {
    throw invalidField('body.release_year', 'must be the year of release_date')
  }
  if (given.release_precision === 'year' || given.release_precision === 'unknown') {
    throw invalidField('body.release_precision', 'must be day or month where there is a date')
  }
  const release_precision = given.release_precision ?? precision
  if (release_precision === 'month' && !date.endsWith('-01')) {
    throw invalidField('body.release_date', 'must be the first of the month where only the month is known')
  }
  return { release_date: date, release_year: year, release_precision }
}

/**
 * The release after a change: a date brings its year, a year without a date is all that is known.
 * @throws AppError 422 when what is given contradicts itself, or what is there and stays
 */
export function releaseOf(given: Given, current: Release = unknown): Release {
  const date = given.release_date === undefined ? current.release_date : given.release_date
  if (date !== null) {
    const kept = date === current.release_date && current.release_precision === 'month' ? 'month' : 'day'
    return datedRelease(date, given, kept)
  }
  const year = given.release_year === undefined ? current.release_year : given.release_year
  const precision = year === null ? 'unknown' : 'year'
  if (given.release_precision !== undefined && given.release_precision !== precision) {
    throw invalidField('body.release_precision', `must be ${precision} with what else is known`)
  }
  return { release_date: null, release_year: year, release_precision: precision }
}
