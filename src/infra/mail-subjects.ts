import type { MailTemplate } from './mail-messages.ts'

/** What stands in the list of mails. Nothing of the reader's is in it, since it is seen on locked screens. */
export const subjects: Readonly<Record<MailTemplate, string>> = {
  verify_email: 'Confirm your e-mail address',
  reset_password: 'Choose a new password',
  password_changed: 'Your password was changed',
  new_device: 'A new sign-in to your account',
  notification: 'Something for you on LemonNPie',
  notification_digest: 'Your day on LemonNPie',
}
