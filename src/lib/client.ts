import { isIP } from 'node:net'

/** Where a request comes from: what sessions and the audit log say of it. */
export interface Client {
  /** An IPv4 or IPv6 address, without a zone or a port; null where a proxy has told none. */
  readonly address: string | null
  readonly userAgent: string | null
}

const longestUserAgent = 300

/** An IPv4 address in an IPv6 one, as sockets that take both give it. */
const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withPort = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/

/** The one way to write an address that a socket or a proxy has told. @returns null for what is none */
export function addressOf(told: string): string | null {
  const [, six, four] = withPort.exec(told) ?? []
  const bare = (six ?? four ?? told).split('%', 1)[0]!
  const plain = mapped.exec(bare)?.[1] ?? bare
  return isIP(plain) === 0 ? null : plain
}

function cleanUserAgent(header: string | undefined): string | null {
  const text = (header ?? '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, longestUserAgent)
    .trim()
  return text === '' ? null : text
}

/** Tidied where it is asked for, which few requests do. */
class RequestClient implements Client {
  readonly #address: string
  readonly #userAgent: string | undefined

  constructor(address: string, userAgent: string | undefined) {
    this.#address = address
    this.#userAgent = userAgent
  }

  get address(): string | null {
    return addressOf(this.#address)
  }

  get userAgent(): string | null {
    return cleanUserAgent(this.#userAgent)
  }
}

/** @param userAgent the header as it came: of any length, with any bytes */
export const clientOf = (address: string, userAgent: string | undefined): Client =>
  new RequestClient(address, userAgent)

const groupsOf = (text: string): string[] => text.split(':').filter((group) => group !== '')

/**
 * The first 16 bits of an IPv4 address, the first 48 of an IPv6 one: about what one provider has in one place.
 * @param address as `addressOf` gives it
 */
export function providerNetwork(address: string): string {
  if (isIP(address) === 4) return address.split('.', 2).join('.')
  const [head = '', tail] = address.split('::')
  const known = groupsOf(head)
  // An address that ends as an IPv4 one has two groups in its last.
  const behind =
    tail === undefined ? [] : groupsOf(tail).flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]))
  const all = [...known, ...Array<string>(Math.max(0, 8 - known.length - behind.length)).fill('0'), ...behind]
  return all
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
