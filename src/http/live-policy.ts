const second = 1_000
const kibibyte = 1_024

/** What the live socket allows and how long it waits; milliseconds and bytes. Tests shorten what they would wait for. */
export interface LivePolicy {
  /** How often every socket is looked at: deadlines are kept to within this. */
  readonly tick: number
  /** From opening to `auth`. */
  readonly authentication: number
  /** How often a socket is sent `ping`, and how long it may say nothing at all. */
  readonly ping: number
  readonly idle: number
  /** The largest message that is taken. */
  readonly message: number
  /** Fragments of one; each keeps the whole chunk in memory that it came in. */
  readonly fragments: number
  /** Messages at once, and how many more each second; `auth` and `resume`, which ask the database, count for five. */
  readonly burst: number
  readonly perSecond: number
  /** Sockets that have not said yet who they are: of this process, of one address, and of one network of IPv6. */
  readonly waiting: number
  readonly waitingOfAddress: number
  readonly waitingOfNetwork: number
  /** Sockets of one address, behind which a mobile carrier has thousands of people, and of one account. */
  readonly ofAddress: number
  readonly ofAccount: number
  /** Unsent bytes past which a socket gets no more until half of it is read. */
  readonly full: number
  /** Unsent bytes past which it is closed at once, and how long it may stay full. */
  readonly overfull: number
  readonly slow: number
  /** From the close frame to the end, if the other side does not answer it. */
  readonly closing: number
  /** Over how long clients are told to come back when the server stops. */
  readonly comeBack: number
  /** How often the database is asked whether sessions, accounts and keys are still good. */
  readonly sessions: number
  /** How often what was missed is looked for, whatever was signalled. */
  readonly sweep: number
}

export const livePolicy: LivePolicy = {
  tick: 500,
  authentication: 5 * second,
  ping: 25 * second,
  idle: 70 * second,
  message: 4 * kibibyte,
  fragments: 16,
  burst: 30,
  perSecond: 2,
  waiting: 2_000,
  waitingOfAddress: 100,
  waitingOfNetwork: 500,
  ofAddress: 2_000,
  ofAccount: 20,
  full: 64 * kibibyte,
  overfull: 512 * kibibyte,
  slow: 10 * second,
  closing: 5 * second,
  comeBack: 10 * second,
  sessions: 15 * second,
  sweep: 15 * second,
}
