import fc from 'fast-check'

/** A request that nobody well-meaning sends. `payload` is sent as it is, with `headers` as they are. */
export interface HostileRequest {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly payload: string | undefined
}

/** A route to throw requests at: its path by Fastify's pattern, and what its query string and body may hold. */
export interface Target {
  readonly method: string
  readonly url: string
  readonly queryNames: readonly string[]
  readonly body: object | undefined
}

/** Texts that have broken servers: NUL, lone surrogates, overlong, SQL, paths, numbers out of all ranges, marks. */
const nastyTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\ufeff\u202e\u2028',
  "'; DROP TABLE movies; --",
  "' OR '1'='1",
  '"""((((&&&&|||!!!:*',
  '%%%%____\\\\\\\\',
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-0',
  '1e309',
  '-99999999999999999999',
  '0x10',
  '2147483648',
  '9223372036854775808',
  '0000-00-00',
  '2026-02-30T25:61:61Z',
  '🍋🥧🎬',
  'Ọ̀lọ́tūré',
  '*'.repeat(200),
  'a'.repeat(201),
  '('.repeat(500),
  'ﷺ'.repeat(50),
]

const cursors = fc.oneof(
  fc.base64String({ maxLength: 80 }),
  fc.constant('AAAAAAAAAAAAAAAAW10'),
  fc.constant(Buffer.from('["2020-01-01","x"]').toString('base64url')),
)

const text = fc.oneof(
  fc.constantFrom(...nastyTexts),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('king-of-boys-2018', '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', '20', '1', 'true', 'drama'),
)

/** A few words, as are searched for, with what does not belong among them. */
const words = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'king',
        'of',
        'boys',
        'the',
        'anikulapo',
        'part',
        '2',
        'II',
        'or',
        '-',
        '"',
        '-"',
        '&',
        '|',
        '!',
        ':*',
        '<->',
      ),
      text,
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(' '))

export const hostileTexts = fc.oneof(text, words)

const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-1, 0, 1e300, 2 ** 53, -(2 ** 31) - 1))

/** JSON of any shape, with the names that the schema knows among its keys. */
const jsonOf = (names: readonly string[]) => {
  const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', ''), fc.string({ maxLength: 10 }))
  const known = names.length > 0 ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, key) : key
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof(text, number, fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(known, tie('value'), { maxKeys: 8, noNullPrototype: false }),
    ),
  })).value
}

const namesIn = (schema: unknown): string[] =>
  typeof schema !== 'object' || schema === null
    ? []
    : Object.entries(schema).flatMap(([key, child]) =>
        key === 'properties' ? [...Object.keys(child as object), ...namesIn(child)] : namesIn(child),
      )

/** `JSON.stringify` that lets lone surrogates and __proto__ through as they are. */
const payloads = (body: object | undefined) => {
  const names = namesIn(body)
  return fc.oneof(
    { weight: 6, arbitrary: jsonOf(names).map((value) => JSON.stringify(value) ?? 'null') },
    {
      weight: 2,
      arbitrary: fc
        .dictionary(fc.constantFrom(...(names.length > 0 ? names : ['x'])), jsonOf(names))
        .map((value) => JSON.stringify(value)),
    },
    fc.constantFrom(
      '',
      'null',
      '[]',
      '{',
      '{"a":',
      '"text"',
      '{"__proto__":{"x":1}}',
      '{"constructor":{"prototype":{"x":1}}}',
      '['.repeat(20_000) + ']'.repeat(20_000),
      `{"title":"${'a'.repeat(70_000)}"}`,
      '{"title":"\\u0000"}',
      '{"title":"\\ud800"}',
      '\u0000\u0001\u0002',
    ),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
}

const contentTypes = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=nonsense',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'nonsense',
  ';;;',
  '',
]

/** Header values hold no control characters, or they never leave the client. */
const headerText = text.map((value) => value.replace(/[^\x20-\x7e\xa1-\xff]/g, '').slice(0, 300))

const headers = fc.record(
  {
    'if-none-match': fc.oneof(headerText, fc.constantFrom('*', 'W/"x"', '"a","b"', 'W/', ',,,,')),
    'accept-encoding': fc.oneof(headerText, fc.constantFrom('gzip', 'gzip;q=0', 'br', '*;q=0')),
    accept: headerText,
    origin: headerText,
    'x-request-id': headerText,
    'x-forwarded-for': headerText,
    'x-http-method-override': fc.constantFrom('DELETE', 'TRACE'),
    'accept-version': headerText,
    range: fc.constantFrom('bytes=0-1', 'bytes=9-1'),
    cookie: headerText,
  },
  { requiredKeys: [] },
)

/** Percent-encoded, or left as it is where that is no valid encoding. */
const encode = (value: string): string => {
  try {
    return encodeURIComponent(value)
  } catch {
    return encodeURIComponent(value.toWellFormed())
  }
}

const pathPart = fc.oneof(
  { weight: 4, arbitrary: text.map(encode) },
  fc.constantFrom('%', '%zz', '%00', '%c0%ae', '%ff', '%ed%a0%80', '..', '%2e%2e%2f', '', 'x'.repeat(600)),
)

const queryOf = (names: readonly string[]) => {
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...(names.length > 0 ? names : ['limit'])) },
    text.map(encode),
    fc.constantFrom('__proto__', 'limit[]', 'limit[$gt]', 'constructor'),
  )
  const value = fc.oneof(
    { weight: 4, arbitrary: text.map(encode) },
    cursors,
    fc.constantFrom('%', '%zz', '%00', '&&', '='),
  )
  return fc
    .array(fc.tuple(name, value), { maxLength: 5 })
    .map((pairs) => pairs.map(([left, right]) => `${left}=${right}`).join('&'))
}

const otherMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']

/** Requests at one of the targets, mostly by its own method. */
export const hostileRequests = (targets: readonly Target[]): fc.Arbitrary<HostileRequest> =>
  fc.constantFrom(...targets).chain(({ method, url, queryNames, body }) =>
    fc
      .record({
        method: fc.oneof({ weight: 8, arbitrary: fc.constant(method) }, fc.constantFrom(...otherMethods)),
        parts: fc.array(pathPart, { minLength: 3, maxLength: 3 }),
        query: fc.oneof({ weight: 4, arbitrary: queryOf(queryNames) }, fc.constant('')),
        headers,
        contentType: fc.oneof(
          { weight: 6, arbitrary: fc.constant('application/json') },
          fc.constantFrom(...contentTypes),
        ),
        payload: payloads(body),
      })
      .map((made) => {
        let next = 0
        const path = url.replace(/:[^/]+|\*/g, () => made.parts[next++ % made.parts.length] ?? '')
        const sendsBody = !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(made.method)
        return {
          method: made.method,
          url: made.query === '' ? path : `${path}?${made.query}`,
          headers: { ...made.headers, ...(sendsBody ? { 'content-type': made.contentType } : {}) },
          payload: sendsBody ? made.payload : undefined,
        }
      }),
  )
