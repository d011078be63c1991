/** preValidation hook: of a body that may be left out, one that was is an empty object. */
export function optionalBody(request: { body: unknown }, _reply: unknown, done: () => void): void {
  if (request.body === undefined) request.body = {}
  done()
}
