import type { Needs } from '../context.ts'
import { keyedHash } from '../infra/secrets.ts'

/** Whom an account's address is counted for. Keyed, so that who reads the counts learns of no address. */
export const accountKey = ({ config }: Needs<'config'>, address: string): string =>
  `account:${keyedHash(config, 'limit', address).toString('base64url')}`
