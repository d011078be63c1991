import { messageOf } from './message.policy.ts'
import type { NotificationView } from './notification.schemas.ts'

/** What mail programs make a link of. */
const linkLike = /[:/\\@]|\.\p{L}/u

/** No link of a stranger's goes out in a mail of ours: who calls themselves one is not named. */
const plainName = (name: string, otherwise: string): string => (linkLike.test(name) ? otherwise : name)

/** A notification in a sentence for a mail. */
export const mailMessage = (told: NotificationView): string =>
  messageOf({ ...told, actors: told.actors.map((who) => ({ ...who, name: plainName(who.name, 'Somebody') })) })

export interface MailText {
  readonly name: string
  readonly message: string
  readonly detail: string
}

/** What a mail says: to whom, what, and what staff added to it. */
export const mailable = (name: string, told: NotificationView): MailText => ({
  name: greeted(name),
  message: mailMessage(told),
  detail: told.reason ?? told.body ?? '',
})

export const greeted = (name: string): string => plainName(name, 'there')
