import type { EventName } from '../../events.ts'
import type { Handler, Happened, JobCtx } from '../../infra/event-handler.ts'
import { isHandled, markHandled } from '../../infra/handled-events.ts'
import type { Mail, MailTemplate } from '../../infra/mail-messages.ts'
import { newDeviceMail, passwordChangedMail, resetMail, verificationMail } from './mail.service.ts'

/**
 * Sends a mail and then marks the event. A mail server takes no part in our transactions, and none waits for it: a crash
 * between the two sends the same mail again, with the same Message-ID and the same link.
 */
const mailing =
  <N extends EventName, T extends MailTemplate>(
    consumer: string,
    compose: (ctx: JobCtx, event: Happened<N>) => Promise<Omit<Mail<T>, 'id'> | null>,
  ): Handler<N> =>
  async (ctx, event) => {
    if (await isHandled(ctx.db, consumer, event.id)) return
    const mail = await compose(ctx, event)
    if (mail) await ctx.mailer.send({ ...mail, id: event.id })
    await markHandled(ctx.db, consumer, event.id)
  }

const queue = 'mail'

export const mailVerification = {
  id: 'mail-verification',
  queue,
  handle: mailing<'email.verification_requested', 'verify_email'>('mail-verification', (ctx, { id, payload }) =>
    verificationMail(ctx, id, payload),
  ),
}

export const mailReset = {
  id: 'mail-reset',
  queue,
  handle: mailing<'password.reset_wanted', 'reset_password'>('mail-reset', (ctx, { id, payload }) =>
    resetMail(ctx, id, payload),
  ),
}

export const mailPasswordChanged = {
  id: 'mail-password-changed',
  queue,
  handle: mailing<'password.changed', 'password_changed'>('mail-password-changed', (ctx, { id, payload }) =>
    passwordChangedMail(ctx, id, payload),
  ),
}

export const mailNewDevice = {
  id: 'mail-new-device',
  queue,
  handle: mailing<'session.new_device', 'new_device'>('mail-new-device', (ctx, { id, payload }) =>
    newDeviceMail(ctx, id, payload),
  ),
}
