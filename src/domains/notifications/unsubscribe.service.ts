import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Needs } from '../../context.ts'
import { deriveKey } from '../../infra/secrets.ts'
import { inTx } from '../../infra/tx.ts'
import { invalidField } from '../../lib/errors.ts'
import { type NotificationType, notificationTypes } from './notification.schemas.ts'
import { clearMail, upsertChoicesIfThere } from './preference.queries.ts'
import { lockCounters } from './write.queries.ts'

/** What a link ends: mails of one type, or the mail of the day with all that would go into it. */
export type Scope = NotificationType | 'daily'

type Config = Needs<'config'>['config']

const sign = (config: Config, text: string): Buffer =>
  createHmac('sha256', deriveKey(config, 'unsubscribe')).update(text).digest().subarray(0, 16)

/**
 * The secret of a link that ends mails. It opens nothing else, and does not expire: mails are read years later, and who
 * presses the button of a mail program (RFC 8058) and is mailed on presses the one for spam next.
 */
export function unsubscribeToken(config: Config, userId: string, scope: Scope): string {
  const text = `${Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url')}.${scope}`
  return `${text}.${sign(config, text).toString('base64url')}`
}

function opened(config: Config, token: string): { readonly userId: string; readonly scope: Scope } | null {
  const [id = '', scope = '', signature = ''] = token.split('.')
  const [given, wanted] = [Buffer.from(signature, 'base64url'), sign(config, `${id}.${scope}`)]
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null
  return { userId: Buffer.from(id, 'base64url').toString('hex'), scope: scope as Scope }
}

/** Ends mails by the link in one of them, without signing in. @throws AppError 422 for a link that is not ours */
export function unsubscribe(ctx: Needs<'db' | 'config'>, token: string | undefined): Promise<void> {
  const found = token === undefined ? null : opened(ctx.config, token)
  if (!found) throw invalidField('token', 'is not that of a link of ours')
  const types = found.scope === 'daily' ? notificationTypes : [found.scope]
  const choices = types.map((type) => ({ type, channel: 'email', mode: 'off' }) as const)
  return inTx(ctx, async (tx) => {
    await lockCounters(tx.db, [found.userId])
    const ended = await upsertChoicesIfThere(tx.db, found.userId, choices, found.scope === 'daily' ? 'daily' : null)
    await clearMail(tx.db, found.userId, ended)
  })
}
