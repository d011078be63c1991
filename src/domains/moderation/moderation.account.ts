import { type AccountPart, rowsInPages } from '../../infra/account-parts.ts'
import { blankReportsOf, listDecisionData, listReportData } from './moderation-data.queries.ts'

/** Reports that an account made, and what moderators decided about it. */
export const moderationParts: readonly AccountPart[] = [
  {
    name: 'reports',
    description: 'Reviews that you reported, and what became of that.',
    exportRows: (db, userId) =>
      rowsInPages<{ id: string }>((last, rows) => listReportData(db, userId, { after: last?.id, rows })),
    // They lose their author with the account, by the reference to it; what was written in them goes before.
    erase: (tx, userId) => blankReportsOf(tx.db, userId),
  },
  {
    name: 'moderation_decisions',
    description: 'What moderators decided about your reviews, and what you were told.',
    exportRows: (db, userId) =>
      rowsInPages<{ id: string }>((last, rows) => listDecisionData(db, userId, { after: last?.id, rows })),
    // The record is for good, with an id that leads nowhere once the account is gone.
    erase: async () => {},
  },
]
