/**
 * Everything generated carries a UUID of version 8 that begins with `genera` in ASCII, so that it is told from what is
 * real by a range of the primary key.
 */
const prefix = '67656e65-7261'
export const generatedIds = {
  first: `${prefix}-8000-8000-000000000000`,
  last: `${prefix}-8fff-bfff-ffffffffffff`,
} as const

const kinds = { title: '8000', person: '8001', company: '8002', user: '8003', review: '8004' } as const
export type GeneratedKind = keyof typeof kinds

/** The id of a kind with a serial below 2 ** 48: ids ascend with their serials. */
export const generatedId = (kind: GeneratedKind, serial: number): string =>
  `${prefix}-${kinds[kind]}-8000-${serial.toString(16).padStart(12, '0')}`

/** The serial that an id was made of. */
export const generatedSerial = (id: string): number => Number.parseInt(id.slice(-12), 16)

/** SQL: whether an id belongs to something generated. */
export const isGenerated = (column: string): string =>
  `${column} between '${generatedIds.first}'::uuid and '${generatedIds.last}'::uuid`
