/** What a client does about a socket that was closed. */
export type AfterClose =
  /** Come back, later each time. */
  | 'back off'
  /** Come back with a fresh access token. */
  | 'refresh'
  /** Stay away until somebody signs in anew, or the program is mended. */
  | 'stop'

export interface CloseCode {
  readonly code: number
  /** Sent with the code; stable, for programs. */
  readonly reason: string
  readonly meaning: string
  readonly after: AfterClose
}

/** Every code that the live socket is closed with by us. Those from 4000 on are ours; the others are of RFC 6455. */
export const closeCodes = {
  restart: {
    code: 1001,
    reason: 'restart',
    meaning: 'This server stops. The frame `closing` before it says how long to wait, each client another time.',
    after: 'back off',
  },
  binary: { code: 1003, reason: 'binary', meaning: 'A binary message; messages are text.', after: 'stop' },
  bad_text: { code: 1007, reason: '', meaning: 'A message that is no UTF-8.', after: 'stop' },
  too_split: { code: 1008, reason: '', meaning: 'A message in more than 16 fragments.', after: 'stop' },
  too_big: { code: 1009, reason: '', meaning: 'A message of more than 4,096 bytes.', after: 'stop' },
  unavailable: {
    code: 1013,
    reason: 'unavailable',
    meaning: 'A service that this needs is away: the database, most likely.',
    after: 'back off',
  },
  bad_frame: {
    code: 4400,
    reason: 'bad_frame',
    meaning: 'A message that is none of those below, or the first one is not `auth`.',
    after: 'stop',
  },
  unauthorized: {
    code: 4401,
    reason: 'unauthorized',
    meaning: 'The token is not good: expired when it came, malformed, of an ended session, or of another account.',
    after: 'refresh',
  },
  suspended: { code: 4403, reason: 'suspended', meaning: 'The account is suspended.', after: 'stop' },
  auth_timeout: {
    code: 4408,
    reason: 'auth_timeout',
    meaning: 'No `auth` within 5 seconds of opening.',
    after: 'back off',
  },
  idle: {
    code: 4409,
    reason: 'idle',
    meaning: 'Nothing was heard, not even `pong`, for 70 seconds.',
    after: 'back off',
  },
  too_fast: { code: 4429, reason: 'too_fast', meaning: 'Too many messages.', after: 'back off' },
  too_many: {
    code: 4430,
    reason: 'too_many',
    meaning: 'The account has as many sockets open here as it may.',
    after: 'back off',
  },
  expired: {
    code: 4441,
    reason: 'expired',
    meaning: 'The access token has expired and no fresh one was sent by `auth`.',
    after: 'refresh',
  },
  changed: {
    code: 4442,
    reason: 'changed',
    meaning: 'The account’s role has changed, so that the token says another one.',
    after: 'refresh',
  },
  revoked: {
    code: 4443,
    reason: 'revoked',
    meaning:
      'The session has ended: signed out, the password was changed, the account is gone, or the key was retired.',
    after: 'refresh',
  },
  slow: {
    code: 4508,
    reason: 'slow',
    meaning: 'What was sent was not read in time; `resume` brings what is missing.',
    after: 'back off',
  },
} as const satisfies Readonly<Record<string, CloseCode>>

export type CloseName = keyof typeof closeCodes
