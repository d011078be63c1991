import { tidyBody } from './tidy-body.ts'

const passwordFields = ['password', 'current_password', 'new_password'] as const

/**
 * preValidation hook for bodies with passwords: tidies the other texts. A password keeps the blanks that it begins and
 * ends with; it is only normalised, since keyboards write one letter in several ways.
 */
export function tidyCredentials(request: { body: unknown }, reply: unknown, done: () => void): void {
  const given = (request.body ?? {}) as Record<string, unknown>
  tidyBody(request, reply, () => {
    for (const field of passwordFields) {
      const password = given[field]
      if (typeof password === 'string') Object.assign(request.body as object, { [field]: password.normalize('NFC') })
    }
    done()
  })
}

/** preValidation hook for bodies all of whose fields may be left out: so may the body. */
export function allowNoBody(request: { body: unknown }, _reply: unknown, done: () => void): void {
  request.body ??= {}
  done()
}
