/**
 * Generated titles and people carry UUIDs of version 8 that begin with `genera` in ASCII, so that they are told from real
 * ones by a range of the primary key.
 */
const prefix = '67656e65-7261'
export const generatedIds = {
  first: `${prefix}-8000-8000-000000000000`,
  last: `${prefix}-8fff-bfff-ffffffffffff`,
} as const

/** The id with a serial: ids ascend with their serials. */
export const generatedId = (serial: number): string => `${prefix}-8000-8000-${serial.toString(16).padStart(12, '0')}`

/** SQL: whether an id belongs to something generated. */
export const isGenerated = (column: string): string =>
  `${column} between '${generatedIds.first}'::uuid and '${generatedIds.last}'::uuid`
