/** Where mails land when nothing says otherwise, from the folder that the process was started in. */
export const defaultMailDir = '.data/mail'

/** What each template is filled with. Times (`at`) are ISO 8601. */
export interface MailData {
  readonly verify_email: { readonly name: string; readonly url: string; readonly expires_in_hours: number }
  readonly reset_password: { readonly name: string; readonly url: string; readonly expires_in_minutes: number }
  readonly password_changed: {
    readonly name: string
    readonly at: string
    readonly url: string
    readonly expires_in_minutes: number
  }
  readonly new_device: {
    readonly name: string
    readonly device: string
    readonly address: string
    readonly at: string
    readonly url: string
    readonly expires_in_minutes: number
  }
  readonly notification: {
    readonly name: string
    readonly message: string
    /** What staff added; empty for nothing. */
    readonly detail: string
    readonly url: string
    readonly unsubscribe_url: string
  }
  readonly notification_digest: {
    readonly name: string
    readonly lines: readonly string[]
    readonly url: string
    readonly unsubscribe_url: string
  }
}

export type MailTemplate = keyof MailData

export interface Mail<T extends MailTemplate> {
  /** The event's: the same mail, sent again after a crash, has the same Message-ID. */
  readonly id: string
  readonly to: string
  readonly template: T
  readonly data: MailData[T]
  /** Where a mail program ends mails like this one with one click (RFC 8058). */
  readonly unsubscribe?: string
}

export interface Mailer {
  /** Resolves once the mail server (or the disk) has it. @throws PermanentError when the server refuses it for good */
  send<T extends MailTemplate>(mail: Mail<T>): Promise<void>
  close(): Promise<void>
}
