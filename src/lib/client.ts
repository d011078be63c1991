/** Where a request comes from: what sessions and the audit log say of it. */
export interface Client {
  /** An IPv4 or IPv6 address, without a zone. */
  readonly address: string
  readonly userAgent: string | null
}

const longestUserAgent = 300

/** An IPv4 address in an IPv6 one, as sockets that take both give it. */
const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** @param userAgent the header as it came: of any length, with any bytes */
export function clientOf(address: string, userAgent: string | undefined): Client {
  const plain = address.split('%', 1)[0]!
  const text = (userAgent ?? '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, longestUserAgent)
    .trim()
  return { address: mapped.exec(plain)?.[1] ?? plain, userAgent: text === '' ? null : text }
}
