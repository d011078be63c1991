import {
  Cursor,
  closed,
  IncludeTotal,
  Limit,
  named,
  nullable,
  pageOf,
  refTo,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { Account } from '../users/account.schemas.ts'

const refreshToken = '3zZ0c1oJp0f8Jm3H1o4cZ0m6c2Zr8n1u9Xw5yQe7tKs'
const accessToken =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Im5Cd1pZbm1LUVBHZ3hVdXhBOE9vS0EifQ.eyJzdWIiOiIwMTk4ZDFjNCJ9.l3m0n'

/** Whoever is signed in, as they see themselves. */
export type OwnAccount = Static<typeof Account>

/** What registering, signing in and refreshing answer. */
export const SignedIn = named(
  'SignedIn',
  closed(
    {
      user: refTo(Account),
      access_token: Type.String({ description: 'A JWT for `Authorization: Bearer …`.' }),
      refresh_token: nullable(
        Type.String({ description: 'Brings the next tokens, once. Null where it was set as a cookie instead.' }),
      ),
      token_type: Type.Unsafe<'Bearer'>({ type: 'string', enum: ['Bearer'] }),
      expires_in: Type.Integer({ description: 'Seconds that the access token lives.' }),
    },
    {
      examples: [
        {
          user: Account.examples[0],
          access_token: accessToken,
          refresh_token: refreshToken,
          token_type: 'Bearer',
          expires_in: 900,
        },
      ],
    },
  ),
)

/** Asks for the refresh token as a cookie. */
export const AsCookie = Type.Boolean({
  default: false,
  description:
    'For web pages: the refresh token is set as an HttpOnly cookie, which only `/auth/refresh` and `/auth/logout` get, and ' +
    'is null in the answer, so that no script ever holds it. Send requests with `credentials: "include"`.',
})

const RefreshToken = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[\\x21-\\x7e]+$',
  description: 'The refresh token; left out where the cookie has it.',
})

export const RefreshBody = closed(
  { refresh_token: Type.Optional(RefreshToken) },
  { examples: [{ refresh_token: refreshToken }] },
)

export type RefreshBody = Static<typeof RefreshBody>

export const LogoutQuery = closed({
  everywhere: Type.Boolean({ default: false, description: 'Whether to end every session of the account.' }),
})

export const Session = named(
  'Session',
  closed(
    {
      id: Uuid,
      user_agent: nullable(Type.String({ description: 'What the device said of itself.' })),
      address: nullable(Type.String({ description: 'Where it was last refreshed from.' })),
      created_at: Timestamp,
      last_used_at: Type.String({ ...Timestamp, description: 'When its tokens were last refreshed. UTC, with Z.' }),
      is_current: Type.Boolean({ description: 'Whether it is the one that asks.' }),
    },
    {
      examples: [
        {
          id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4c22',
          user_agent: 'Mozilla/5.0 (Linux; Android 14; TECNO Camon 30) Chrome/130.0 Mobile',
          address: '102.89.23.10',
          created_at: '2026-11-20T18:02:11.250000Z',
          last_used_at: '2026-11-21T10:00:00.000000Z',
          is_current: true,
        },
      ],
    },
  ),
)
export type Session = Static<typeof Session>

export const SessionsQuery = closed({ limit: Limit, cursor: Type.Optional(Cursor), include_total: IncludeTotal })
export type SessionsQuery = Static<typeof SessionsQuery>

export const SessionList = pageOf(refTo(Session), {
  examples: [{ data: [Session.examples[0]], page: { limit: 20, next_cursor: null, total: null } }],
})

export const SessionParams = closed({ session_id: Uuid })

export const sessionSchemas = [Account, SignedIn, Session]
