/** The schema of the body of a write that takes none; the API's description leaves it out. */
export const noBody = { type: 'object', properties: {}, additionalProperties: false } as const

/** preValidation hook: of a body that may be left out, one that was is an empty object. */
export function optionalBody(request: { body: unknown }, _reply: unknown, done: () => void): void {
  if (request.body === undefined || request.body === null) request.body = {}
  done()
}
