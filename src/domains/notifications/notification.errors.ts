import { type AppError, defineError, invalidField } from '../../lib/errors.ts'

export const notificationNotFound = defineError('not_found', 404, 'There is no such notification.')
export const announcementNotFound = defineError('not_found', 404, 'There is no such announcement.')
export const subscriptionNotFound = defineError('not_found', 404, 'There is no such subscription.')
export const pushIsOff = defineError('not_found', 404, 'Web Push is not set up here.')
export const unknownTimeZone = (_options?: { readonly cause?: unknown }): AppError =>
  invalidField('body.time_zone', 'is not the name of a time zone')
