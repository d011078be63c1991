import { type AccountPart, rowsInPages } from '../../infra/account-parts.ts'
import { eraseAddressed } from '../../infra/outbox-erasure.ts'
import { liftLock } from './lockout.service.ts'
import { blankAuditLog, findAddresses, listAuditData, listSessionData } from './sign-in-data.queries.ts'

/** What signing in keeps of a person: sessions, devices and tokens hang on the account, and go with it by themselves. */
export const signInParts: readonly AccountPart[] = [
  {
    name: 'sessions',
    description: 'Where you are and were signed in, for as long as it is kept.',
    exportRows: (db, userId) =>
      rowsInPages((after: { id: string } | undefined, rows) => listSessionData(db, userId, after, rows)),
    erase: async (tx, userId) => {
      const { email, email_key } = await findAddresses(tx.db, userId)
      await eraseAddressed(tx.db, [email, email_key])
      await liftLock(tx, email_key)
    },
  },
  {
    name: 'audit_entries',
    description: 'What you did with your account and what was done to it.',
    exportRows: (db, userId) =>
      rowsInPages((after: { id: string } | undefined, rows) => listAuditData(db, userId, after, rows)),
    erase: (tx, userId) => blankAuditLog(tx.db, userId),
  },
]
