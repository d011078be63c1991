import { type AppError, invalidField } from '../../lib/errors.ts'

const lagos = new Intl.DateTimeFormat('en-CA', { timeZone: 'Africa/Lagos' })

/** Why something can't have been watched on a day: it is yet to come, by the calendar of Lagos. */
export const futureProblem = (watchedOn: string | undefined, now: Date): AppError | null =>
  watchedOn !== undefined && watchedOn > lagos.format(now)
    ? invalidField('body.watched_on', 'must not be in the future')
    : null

export const tooEarly = (): AppError => invalidField('body.watched_on', 'must not be before the first release')
