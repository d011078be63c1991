import { createHmac } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import type { EventPayload } from '../../events.ts'
import { forgotPasswordPage, linkTo } from '../../infra/mail-links.ts'
import type { Mail, MailTemplate } from '../../infra/mail-messages.ts'
import { deriveKey, tokenHash } from '../../infra/secrets.ts'
import { accountByEmail, accountById } from '../users/account.service.ts'
import { deviceName } from './device.policy.ts'
import { emailKeyOf } from './email.policy.ts'
import { keepMailToken, type MailTokenPurpose } from './mail-token.queries.ts'
import { findSession } from './session.queries.ts'

type Context = Pick<Ctx, 'db' | 'config'>

/** A mail to be sent, or null where nobody gets one. */
type Composed<T extends MailTemplate> = Promise<Omit<Mail<T>, 'id'> | null>

const verifyHours = 48
const resetMinutes = 30

/** So that nobody's mailbox is filled by who types their address. */
const mostHourly = 5

/**
 * Mints the token of a link, whose hash alone is kept. It is derived from the event, so that a mail that is sent again
 * after a crash has a link that works too.
 * @returns null when the account has had too many lately
 */
async function mint(ctx: Context, eventId: string, purpose: MailTokenPurpose, userId: string, minutes: number) {
  const token = createHmac('sha256', deriveKey(ctx.config, 'mail token'))
    .update(`${purpose} ${eventId}`)
    .digest('base64url')
  const kept = { token_hash: tokenHash(token), purpose, user_id: userId, minutes, mostHourly }
  return (await keepMailToken(ctx.db, kept)) ? token : null
}

export async function verificationMail(
  ctx: Context,
  eventId: string,
  { user_id }: EventPayload<'email.verification_requested'>,
): Composed<'verify_email'> {
  const account = await accountById(ctx, user_id)
  if (!account || account.is_verified) return null
  const token = await mint(ctx, eventId, 'verify_email', user_id, verifyHours * 60)
  if (token === null) return null
  const { email, name } = account
  const url = linkTo(ctx.config, 'verify_email', token)
  return { to: email, template: 'verify_email', data: { name, url, expires_in_hours: verifyHours } }
}

/** The mail goes to the address that the account has, however the wish spelt it. */
export async function resetMail(
  ctx: Context,
  eventId: string,
  payload: EventPayload<'password.reset_requested'>,
): Composed<'reset_password'> {
  const key = emailKeyOf(payload.email)
  const account = key === null ? undefined : await accountByEmail(ctx, key)
  if (!account) return null
  const token = await mint(ctx, eventId, 'reset_password', account.id, resetMinutes)
  if (token === null) return null
  const { email, name } = account
  const url = linkTo(ctx.config, 'reset_password', token)
  return { to: email, template: 'reset_password', data: { name, url, expires_in_minutes: resetMinutes } }
}

export async function passwordChangedMail(
  ctx: Context,
  { user_id, changed_at }: EventPayload<'password.changed'>,
): Composed<'password_changed'> {
  const account = await accountById(ctx, user_id)
  if (!account) return null
  const data = { name: account.name, at: changed_at, url: forgotPasswordPage(ctx.config) }
  return { to: account.email, template: 'password_changed', data }
}

export async function newDeviceMail(
  ctx: Context,
  { user_id, session_id }: EventPayload<'session.new_device'>,
): Composed<'new_device'> {
  const [account, session] = await Promise.all([accountById(ctx, user_id), findSession(ctx.db, session_id)])
  if (!account || !session) return null
  const data = {
    name: account.name,
    device: deviceName(session.user_agent),
    address: session.address ?? 'unknown',
    at: session.created_at,
    url: forgotPasswordPage(ctx.config),
  }
  return { to: account.email, template: 'new_device', data }
}
