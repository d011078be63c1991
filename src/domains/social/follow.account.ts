import { type AccountPart, rowsInPages } from '../../infra/account-parts.ts'
import {
  deleteBlocksOf,
  deleteFollowsOf,
  type ExportedBlock,
  type ExportedFollow,
  exportBlocks,
  exportFollows,
} from './personal-follow.queries.ts'

/** Whom a person follows, and who follows them. */
export const followsPart: AccountPart = {
  name: 'follows',
  description: 'Whom you follow and who follows you, by their ids.',
  exportRows: (db, userId) => rowsInPages<ExportedFollow>((after, limit) => exportFollows(db, userId, after, limit)),
  // In one statement, so that all the counts are locked in one order.
  erase: (tx, userId) => deleteFollowsOf(tx.db, userId),
}

/** Whom a person has blocked. Who has blocked them is those people's own. */
export const blocksPart: AccountPart = {
  name: 'blocks',
  description: 'Whom you have blocked, by their ids.',
  exportRows: (db, userId) => rowsInPages<ExportedBlock>((after, limit) => exportBlocks(db, userId, after, limit)),
  erase: (tx, userId) => deleteBlocksOf(tx.db, userId),
}
