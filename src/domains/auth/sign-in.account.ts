import { type AccountPart, rowsInPages } from '../../infra/account-parts.ts'
import { listSessionData } from './sign-in-data.queries.ts'
import { auditDataOf, eraseSignInTraces } from './sign-in-data.service.ts'

/** What signing in keeps of a person: sessions, devices and tokens hang on the account, and go with it by themselves. */
export const signInParts: readonly AccountPart[] = [
  {
    name: 'sessions',
    description: 'Where you are and were signed in, for as long as it is kept.',
    exportRows: (db, userId) =>
      rowsInPages((after: { id: string } | undefined, rows) => listSessionData(db, userId, after, rows)),
    erase: async () => {},
  },
  {
    name: 'audit_entries',
    description: 'What you did with your account, what was done to it, and what was tried with its address.',
    exportRows: (db, userId, { config }) => auditDataOf({ db, config }, userId),
    erase: eraseSignInTraces,
  },
]
