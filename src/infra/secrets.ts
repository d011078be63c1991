import { createHash, createHmac, hkdfSync } from 'node:crypto'
import type { Config } from '../config.ts'

type Secret = Pick<Config, 'JWT_SECRET'>

/**
 * A key of 32 bytes for one purpose, derived from JWT_SECRET: who learns one of them learns nothing of the others.
 * @param salt tells keys of one purpose apart; it need not be secret
 */
export const deriveKey = ({ JWT_SECRET }: Secret, purpose: string, salt = ''): Buffer =>
  Buffer.from(hkdfSync('sha256', JWT_SECRET, salt, `lemonnpie ${purpose}`, 32))

/** What a text is kept as where even a copy of the database must not tell it; 32 bytes. */
export const keyedHash = (config: Secret, purpose: string, text: string): Buffer =>
  createHmac('sha256', deriveKey(config, purpose)).update(text).digest()

/** What a random token is kept as; 32 bytes. Of 256 random bits nobody tries them all, so it needs neither salt nor cost. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest()
