/** One wrong field of a request, named by its path: `body.title`, `query.limit`, `params.movie_id`. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
}

export interface ErrorOptions {
  readonly details?: readonly FieldProblem[]
  /** Response headers that go with the error, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** An error that the HTTP edge knows how to answer: a stable code, a status, a sentence for a person. */
export class AppError extends Error {
  readonly code: string
  readonly status: number
  readonly details: readonly FieldProblem[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: string, status: number, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = status
    this.details = options.details
    this.headers = options.headers ?? {}
  }
}

/**
 * Makes the maker of one kind of error.
 * @param code stable snake_case code that clients may switch on
 * @param status HTTP status
 * @param message what a person is told, unless the call says it better
 */
export const defineError =
  (code: string, status: number, message: string) =>
  (options: ErrorOptions & { readonly message?: string } = {}): AppError =>
    new AppError(code, status, options.message ?? message, options)

export const badRequest = defineError('bad_request', 400, 'The request could not be understood.')
export const unauthorized = defineError('unauthorized', 401, 'Sign in to do this.')
export const tokenExpired = defineError('token_expired', 401, 'The access token has expired: refresh it.')
export const forbidden = defineError('forbidden', 403, 'You may not do this.')
export const accountSuspended = defineError('account_suspended', 403, 'This account is suspended.')
export const notFound = defineError('not_found', 404, 'There is nothing here.')
export const methodNotAllowed = defineError('method_not_allowed', 405, 'This method is not allowed here.')
export const conflict = defineError('conflict', 409, 'This conflicts with what is there already.')
export const payloadTooLarge = defineError('payload_too_large', 413, 'The body is too large.')
export const unsupportedMediaType = defineError('unsupported_media_type', 415, 'Send the body as application/json.')
export const validationError = defineError('validation_error', 422, 'Some fields are wrong.')
export const rateLimited = defineError('rate_limited', 429, 'Too many requests: try again later.')
export const internalError = defineError('internal_error', 500, 'Something went wrong on our side.')
export const serviceUnavailable = defineError(
  'service_unavailable',
  503,
  'A service that this needs is away: try again soon.',
)

/** A 422 for one field. */
export const invalidField = (field: string, message: string): AppError =>
  validationError({ details: [{ field, message }] })

/** Why a suspended account may not enter, and until when, where that is known. */
export function suspensionError({
  suspended_until,
  suspension_reason,
}: {
  readonly suspended_until: string | null
  readonly suspension_reason: string | null
}): AppError {
  const until = suspended_until === null ? [] : [{ field: 'suspended_until', message: suspended_until }]
  const reason = suspension_reason === null ? [] : [{ field: 'suspension_reason', message: suspension_reason }]
  const details = [...until, ...reason]
  return accountSuspended({
    ...(suspended_until === null ? {} : { message: `This account is suspended until ${suspended_until}.` }),
    ...(details.length === 0 ? {} : { details }),
  })
}
