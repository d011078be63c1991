import { createHmac } from 'node:crypto'

/**
 * Whom an e-mail address is counted for. Keyed, so that who reads the counts learns of no address.
 * @param secret the same for all processes that count together
 */
export function accountKey(email: string, secret: string): string {
  const address = email.normalize('NFKC').trim().toLowerCase()
  return `account:${createHmac('sha256', secret).update('limit\0').update(address).digest('base64url')}`
}
