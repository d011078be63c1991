import { createHmac } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import type { EventPayload } from '../../events.ts'
import { linkTo } from '../../infra/mail-links.ts'
import type { Mail, MailTemplate } from '../../infra/mail-messages.ts'
import { deriveKey, tokenHash } from '../../infra/secrets.ts'
import { accountById } from '../users/account.service.ts'
import { deviceName } from './device.policy.ts'
import { keepMailToken, type MailTokenPurpose } from './mail-token.queries.ts'
import { findSession } from './session.queries.ts'

type Context = Pick<Ctx, 'db' | 'config'>

/** A mail to be sent, or null where nobody gets one. */
type Composed<T extends MailTemplate> = Promise<Omit<Mail<T>, 'id'> | null>

/** What mail programs make a link of. */
const linkLike = /[:/\\@]|\.\p{L}/u

/**
 * How a mail calls its reader. Whoever registers may type anybody's address, and as a name what that person shall read: no
 * link of a stranger's goes out in a mail of ours.
 */
const greeted = (name: string): string => (linkLike.test(name) ? 'there' : name)

const verifyHours = 48
const resetMinutes = 30

/**
 * How long the link of each kind of mail lives, in minutes, and how many an account gets in an hour. Nobody's mailbox is
 * filled by who types their address; a notice follows a sign-in.
 */
const kinds: Readonly<Record<MailTokenPurpose, { readonly minutes: number; readonly mostHourly: number }>> = {
  verify_email: { minutes: verifyHours * 60, mostHourly: 5 },
  reset_password: { minutes: resetMinutes, mostHourly: 5 },
  secure_account: { minutes: resetMinutes, mostHourly: 100 },
}

/**
 * Mints the token of a link, whose hash alone is kept. It is derived from the event, so that a mail that is sent again
 * after a crash has a link that works too.
 * @returns the link; null when the account has had too many lately
 */
async function mintLink(ctx: Context, eventId: string, purpose: MailTokenPurpose, user_id: string) {
  const key = deriveKey(ctx.config, 'mail token')
  const token = createHmac('sha256', key).update(`${purpose} ${eventId}`).digest('base64url')
  const kept = await keepMailToken(ctx.db, { token_hash: tokenHash(token), purpose, user_id, ...kinds[purpose] })
  return kept ? linkTo(ctx.config, purpose === 'verify_email' ? 'verify_email' : 'reset_password', token) : null
}

export async function verificationMail(
  ctx: Context,
  eventId: string,
  { user_id }: EventPayload<'email.verification_requested'>,
): Composed<'verify_email'> {
  const account = await accountById(ctx, user_id)
  if (!account || account.is_verified) return null
  const url = await mintLink(ctx, eventId, 'verify_email', user_id)
  if (url === null) return null
  const { email } = account
  const name = greeted(account.name)
  return { to: email, template: 'verify_email', data: { name, url, expires_in_hours: verifyHours } }
}

/** The mail goes to the address that the account has, however the wish spelt it. */
export async function resetMail(
  ctx: Context,
  eventId: string,
  { user_id }: EventPayload<'password.reset_wanted'>,
): Composed<'reset_password'> {
  const account = user_id === null ? undefined : await accountById(ctx, user_id)
  if (!account) return null
  const url = await mintLink(ctx, eventId, 'reset_password', account.id)
  if (url === null) return null
  const { email } = account
  const name = greeted(account.name)
  return { to: email, template: 'reset_password', data: { name, url, expires_in_minutes: resetMinutes } }
}

export async function passwordChangedMail(
  ctx: Context,
  eventId: string,
  { user_id, changed_at }: EventPayload<'password.changed'>,
): Composed<'password_changed'> {
  const account = await accountById(ctx, user_id)
  if (!account) return null
  const url = await mintLink(ctx, eventId, 'secure_account', user_id)
  if (url === null) return null
  const { email } = account
  const name = greeted(account.name)
  return {
    to: email,
    template: 'password_changed',
    data: { name, at: changed_at, url, expires_in_minutes: resetMinutes },
  }
}

export async function newDeviceMail(
  ctx: Context,
  eventId: string,
  { user_id, session_id }: EventPayload<'session.new_device'>,
): Composed<'new_device'> {
  const [account, session] = await Promise.all([accountById(ctx, user_id), findSession(ctx.db, session_id)])
  if (!account || !session) return null
  const url = await mintLink(ctx, eventId, 'secure_account', user_id)
  if (url === null) return null
  const { email } = account
  const name = greeted(account.name)
  const { user_agent, address, created_at: at } = session
  const device = { device: deviceName(user_agent), address: address ?? 'unknown' }
  const data = { name, ...device, at, url, expires_in_minutes: resetMinutes }
  return { to: email, template: 'new_device', data }
}
