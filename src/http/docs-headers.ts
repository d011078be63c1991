interface Header {
  readonly description: string
  readonly schema: { readonly type: string; readonly examples: readonly unknown[] }
}

const header = (type: string, example: unknown, description: string): Header => ({
  description,
  schema: { type, examples: [example] },
})

/** The headers of answers that clients may rely on, by the names of their components. */
export const answerHeaders = {
  RequestId: header(
    'string',
    '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77',
    'The `X-Request-Id` of the request, or one of ours.',
  ),
  RateLimitLimit: header('integer', 1_200, 'How many requests the window takes.'),
  RateLimitRemaining: header('integer', 1_199, 'How many of them are left.'),
  RateLimitReset: header('integer', 60, 'Seconds until the window ends.'),
  RetryAfter: header('integer', 1, 'Seconds until trying again is worth it.'),
  WwwAuthenticate: header('string', 'Bearer realm="lemonnpie"', 'What credentials are asked for.'),
  Etag: header(
    'string',
    '"5f2c1d"',
    'Names what was answered: for `If-None-Match`, or `If-Match` where an operation takes it.',
  ),
  Location: header('string', '/api/v1/reviews/0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', 'Where it is.'),
  IdempotencyReplayed: header(
    'string',
    'true',
    'There, and `true`, when the answer was given before under the same key.',
  ),
} as const satisfies Readonly<Record<string, Header>>

type HeaderName = keyof typeof answerHeaders

const sentAs: Readonly<Record<HeaderName, string>> = {
  RequestId: 'X-Request-Id',
  RateLimitLimit: 'RateLimit-Limit',
  RateLimitRemaining: 'RateLimit-Remaining',
  RateLimitReset: 'RateLimit-Reset',
  RetryAfter: 'Retry-After',
  WwwAuthenticate: 'WWW-Authenticate',
  Etag: 'ETag',
  Location: 'Location',
  IdempotencyReplayed: 'Idempotency-Replayed',
}

export interface DescribedOperation {
  readonly responses?: Readonly<Record<string, unknown>>
  readonly parameters?: ReadonlyArray<{ readonly name?: string; readonly in?: string }>
  readonly 'x-rate-limit'?: readonly string[]
}

/** The headers of one answer of an operation, as references to their components. */
export function headersOf(operation: DescribedOperation, status: string): Record<string, { $ref: string }> {
  const takes = (name: string) => operation.parameters?.some((one) => one.in === 'header' && one.name === name) ?? false
  const isGood = status.startsWith('2')
  const isTagged = '304' in (operation.responses ?? {}) || takes('if-match')
  const names: ReadonlyArray<readonly [HeaderName, boolean]> = [
    ['RequestId', true],
    ['RateLimitLimit', (operation['x-rate-limit']?.length ?? 0) > 0],
    ['RateLimitRemaining', (operation['x-rate-limit']?.length ?? 0) > 0],
    ['RateLimitReset', (operation['x-rate-limit']?.length ?? 0) > 0],
    ['RetryAfter', ['423', '429', '503'].includes(status)],
    ['WwwAuthenticate', status === '401'],
    ['Etag', isTagged && (status === '200' || status === '304')],
    ['Location', status === '201' || status === '308'],
    ['IdempotencyReplayed', isGood && takes('idempotency-key')],
  ]
  const sent = names.filter(([, isSent]) => isSent).map(([name]) => name)
  return Object.fromEntries(sent.map((name) => [sentAs[name], { $ref: `#/components/headers/${name}` }]))
}
