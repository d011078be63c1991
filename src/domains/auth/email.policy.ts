import { domainToASCII } from 'node:url'

interface Provider {
  /** The name that its other domains lead to. */
  readonly as?: string
  /** Characters of the local part that make no difference. */
  readonly ignored?: RegExp
}

const dots = /\./g

/** Providers that ignore `+tag`, as each says in its help pages. Elsewhere `ada+films@` may be somebody else. */
const providers: Readonly<Record<string, Provider>> = {
  'gmail.com': { ignored: dots },
  'googlemail.com': { ignored: dots, as: 'gmail.com' },
  'outlook.com': {},
  'hotmail.com': {},
  'hotmail.co.uk': {},
  'live.com': {},
  'live.co.uk': {},
  'msn.com': {},
  'icloud.com': {},
  'me.com': { as: 'icloud.com' },
  'mac.com': { as: 'icloud.com' },
  'proton.me': { ignored: /[._-]/g },
  'protonmail.com': { ignored: /[._-]/g, as: 'proton.me' },
  'pm.me': { ignored: /[._-]/g, as: 'proton.me' },
  'fastmail.com': {},
  'fastmail.fm': {},
  'zohomail.com': {},
  'hey.com': {},
}

const longest = 254
const longestLocalPart = 64

/** What a local part is made of without quotes (RFC 5321), with the letters of every script (RFC 6531). */
const atom = "[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~-]+"
const localPart = new RegExp(`^${atom}(?:\\.${atom})*$`, 'u')
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const domainName = new RegExp(`^(?:${label}\\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$`)

/**
 * The one form of an address that tells accounts apart: lower case, Unicode compatibility forms folded, the domain in
 * ASCII, without what its provider ignores. Mail goes to the address as it was typed, not here.
 * @returns null for what is no address
 */
export function emailKeyOf(email: string): string | null {
  const folded = email.normalize('NFKC').toLowerCase().normalize('NFC')
  const at = folded.lastIndexOf('@')
  const local = folded.slice(0, at)
  const domain = domainToASCII(folded.slice(at + 1).replace(/\.$/, ''))
  const isAddress = at > 0 && local.length <= longestLocalPart && localPart.test(local) && domainName.test(domain)
  if (!isAddress) return null
  const key = keyAt(local, domain)
  return key.length <= longest ? key : null
}

function keyAt(local: string, domain: string): string {
  const provider = providers[domain]
  if (!provider) return `${local}@${domain}`
  // Where nothing that is a name would be left, as of a tag alone, the address stays what it is.
  const untagged = local.replace(/\+.*$/s, '')
  const name = provider.ignored ? untagged.replace(provider.ignored, '') : untagged
  return `${localPart.test(name) ? name : local}@${provider.as ?? domain}`
}
