/** Whom a policy counts for. */
type Counted =
  /** The account that asks, else the address. */
  | 'caller'
  /** The address, whoever asks. */
  | 'address'
  /** The account that asks, else the one that the body names by its e-mail address, whether there is one or not. */
  | 'account'
  /** The refresh token that is brought, whether there is such a one or not. */
  | 'token'

export interface LimitPolicy {
  /** What it is for, as the documentation says it. */
  readonly covers: string
  readonly counts: Counted
  /** Most requests in a window. */
  readonly max: number
  /** The same for accounts, where it is another. */
  readonly maxForAccount?: number
  /** Whether what is done as it was asked does not count. */
  readonly onlyFailures?: true
  /** How long a window is. */
  readonly seconds: number
}

/**
 * How often one account, or one address without an account, may do what. Routes with the same policy share one count.
 * Reading is generous to addresses, since a mobile carrier puts thousands of people behind one.
 */
export const limitPolicies = {
  read: {
    covers: 'Reading: every GET without a policy of its own',
    counts: 'caller',
    max: 3_000,
    maxForAccount: 1_200,
    seconds: 60,
  },
  search: {
    covers: 'Searches and suggestions, which are sent while typing',
    counts: 'caller',
    max: 1_800,
    maxForAccount: 600,
    seconds: 60,
  },
  write: { covers: 'Writing: all else without a policy of its own', counts: 'caller', max: 120, seconds: 60 },
  upload: { covers: 'Uploading images', counts: 'caller', max: 30, seconds: 600 },
  export: { covers: 'Exporting one’s own data', counts: 'caller', max: 10, seconds: 3_600 },
  // Two a second: more than those behind one address of a carrier do, fewer than two cores can hash.
  credentials: {
    covers: 'Signing in, resetting a password: whatever may be guessed, from one address',
    counts: 'address',
    max: 120,
    seconds: 60,
  },
  registration: { covers: 'Registering, from one address', counts: 'address', max: 30, seconds: 60 },
  // Far more than the lock lets be tried: it is the lock that keeps guessers out. Who resets the password opens both.
  sign_in: {
    covers: 'Signing in to one account, or registering it, in vain, from wherever',
    counts: 'account',
    onlyFailures: true,
    max: 60,
    seconds: 900,
  },
  refresh: { covers: 'Refreshing or ending a session by one refresh token', counts: 'token', max: 30, seconds: 60 },
  // Every quarter of an hour each, 18,000 people behind one address of a carrier.
  refresh_address: {
    covers: 'The same, from one address',
    counts: 'address',
    max: 1_200,
    seconds: 60,
  },
  // Apart from signing in, so that who is kept out by a stranger's guesses can still ask.
  recovery: {
    covers: 'Asking for a link that resets the password of one account, from wherever',
    counts: 'account',
    max: 10,
    seconds: 900,
  },
  account: {
    covers: 'Each time that an account’s password is asked for again',
    counts: 'account',
    max: 10,
    seconds: 900,
  },
  live: { covers: 'Opening a live socket, from one address', counts: 'address', max: 600, seconds: 60 },
  unknown: { covers: 'Paths and methods that do not exist', counts: 'address', max: 300, seconds: 60 },
} as const satisfies Readonly<Record<string, LimitPolicy>>

export type LimitName = keyof typeof limitPolicies

const whom: Readonly<Record<Counted, string>> = {
  caller: 'account, else address',
  address: 'address',
  account: 'account',
  token: 'refresh token',
}

const units = [
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** 60 → `minute`, 600 → `10 minutes`. */
function duration(seconds: number): string {
  const [name, length] = units.find(([, unit]) => seconds % unit === 0)!
  const count = seconds / length
  return count === 1 ? name : `${count} ${name}s`
}

const number = (value: number): string => value.toLocaleString('en')

/** The policies as a Markdown table. */
export function limitTable(policies: Readonly<Record<string, LimitPolicy>> = limitPolicies): string {
  const rows = Object.entries(policies).map(([name, { covers, counts, max, maxForAccount, seconds }]) => {
    const most = maxForAccount === undefined ? number(max) : `${number(max)}; an account ${number(maxForAccount)}`
    return `| \`${name}\` | ${covers} | ${whom[counts]} | ${most} | ${duration(seconds)} |`
  })
  return ['| policy | for | counted by | requests | in a |', '|---|---|---|---|---|', ...rows].join('\n')
}
