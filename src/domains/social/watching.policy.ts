import { type AppError, invalidField } from '../../lib/errors.ts'

const lagos = new Intl.DateTimeFormat('en-CA', { timeZone: 'Africa/Lagos' })

/** The year in which films were first shown to anybody. */
const firstDay = '1895-01-01'

/** Why nothing can have been watched on a day: there were no films yet. */
export const beforeFilms = (field: string, day: string | undefined): AppError | null =>
  day !== undefined && day < firstDay ? invalidField(field, `must not be before ${firstDay}`) : null

/** Why something can't have been watched on a day: it is yet to come, by the calendar of Lagos. */
export const futureProblem = (watchedOn: string | undefined, now: Date): AppError | null =>
  watchedOn !== undefined && watchedOn > lagos.format(now)
    ? invalidField('body.watched_on', 'must not be in the future')
    : null

export const tooEarly = (): AppError => invalidField('body.watched_on', 'must not be before the first release')
