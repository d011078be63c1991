import type { Caller, World } from './access-callers.ts'

/** Every refusal that a row may name, and its status. */
export const statusOf = {
  unauthorized: 401,
  token_expired: 401,
  account_suspended: 403,
  email_not_verified: 403,
  forbidden: 403,
  list_private: 403,
  not_found: 404,
  already_verified: 409,
  own_review: 409,
  self_block: 409,
  self_follow: 409,
  validation_error: 422,
  upgrade_required: 426,
} as const
export type Refusal = keyof typeof statusOf

/** A status of who gets through, or the code of why not; whoever is refused must have changed nothing. */
export type Answer = number | Refusal

const tokens = { 'broken token': 'unauthorized', expired: 'token_expired', suspended: 'account_suspended' } as const
const strangers = { ...tokens, anonymous: 'unauthorized' } as const
const unverified = { ...strangers, unverified: 'email_not_verified' } as const
const users = { ...strangers, unverified: 'forbidden', user: 'forbidden', 'other user': 'forbidden' } as const
const critics = { ...users, critic: 'forbidden' } as const
const moderators = { ...critics, moderator: 'forbidden' } as const

/** Whom each level keeps out, and why. For operators and people (`operational`) tokens are not even looked at. */
export const keptOut = {
  operational: {},
  public: tokens,
  user: strangers,
  verified: unverified,
  critic: users,
  moderator: critics,
  admin: moderators,
} as const satisfies Record<string, Partial<Record<Caller, Refusal>>>

/** What is sent: the values of the `:params` of the route, its query and its body. */
export interface Asked {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: object
}

interface Row {
  /** What those get who are not kept out. */
  readonly answers: Answer
  /** Who gets something else than that. */
  readonly but?: Partial<Record<Caller, Answer>>
  /** A request that has an effect for who gets through. One that writes is made anew for each caller, and what it is about. */
  readonly ask?: (world: World, caller: Caller) => Asked | Promise<Asked>
  /** That it has no effect for anybody. */
  readonly changesNothing?: true
  /** A text that the answer must hold for these callers, and for nobody else. */
  readonly shows?: { readonly what: (world: World) => string; readonly to: readonly Caller[] }
  /** For what ends sessions or accounts, or sets people apart: the row gets callers of its own. */
  readonly apart?: true
}

interface ForAll extends Row {
  readonly least: 'operational' | 'public' | 'critic' | 'moderator' | 'admin'
}

/** About the caller's own, which no part of the request names: nothing of `user` changes when another asks. */
interface OwnRow extends Row {
  readonly least: 'user' | 'verified'
  readonly about: 'own'
}

/** About something of `user`: what every other caller gets is to be said. */
interface UsersRow extends Row {
  readonly least: 'user' | 'verified'
  readonly about: 'user'
  readonly but: Partial<Record<Caller, Answer>> & Record<'other user' | 'critic' | 'moderator' | 'admin', Answer>
}

export type Expectation = ForAll | OwnRow | UsersRow

export const everybodyElse = <A extends Answer>(answer: A) =>
  ({ 'other user': answer, critic: answer, moderator: answer, admin: answer }) as const

/** What each caller is to get. */
export const expectedOf = ({ least, answers, but }: Expectation, caller: Caller): Answer => {
  const out: Partial<Record<Caller, Refusal>> = keptOut[least]
  return but?.[caller] ?? out[caller] ?? answers
}
