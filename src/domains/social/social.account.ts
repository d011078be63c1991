import { type AccountPart, inBatches, rowsInPages } from '../../infra/account-parts.ts'
import {
  deleteBlocksOf,
  deleteFollowsOf,
  deleteSomeFollowsOf,
  type ExportedBlock,
  type ExportedFollow,
  exportBlocks,
  exportFollows,
} from './personal-follow.queries.ts'
import {
  deleteListsOf,
  deleteSomeListed,
  type ExportedPrivacy,
  type ExportedTitle,
  type ExportedViewing,
  exportListPrivacy,
  exportListTitles,
  exportViewings,
} from './personal-list.queries.ts'

/** Whom a person follows, and who follows them. */
const followsPart: AccountPart = {
  name: 'follows',
  description: 'Whom you follow and who follows you, by their ids.',
  exportRows: (db, userId) => rowsInPages<ExportedFollow>((after, limit) => exportFollows(db, userId, after, limit)),
  eraseAhead: (ctx, userId) => inBatches((limit) => deleteSomeFollowsOf(ctx.db, userId, limit)),
  // In one statement, so that all the counts are locked in one order.
  erase: (tx, userId) => deleteFollowsOf(tx.db, userId),
}

/** Whom a person has blocked. Who has blocked them is those people's own. */
const blocksPart: AccountPart = {
  name: 'blocks',
  description: 'Whom you have blocked, by their ids.',
  exportRows: (db, userId) => rowsInPages<ExportedBlock>((after, limit) => exportBlocks(db, userId, after, limit)),
  erase: (tx, userId) => deleteBlocksOf(tx.db, userId),
}

/** What of the account's lists goes by `on delete cascade` with something that another part deletes. */
const goesAlong = async (): Promise<void> => {}

const listTitlesPart: AccountPart = {
  name: 'list_titles',
  description: 'The titles on your watchlist, among your favorites, and of those that you have watched.',
  exportRows: (db, userId) => rowsInPages<ExportedTitle>((after, limit) => exportListTitles(db, userId, after, limit)),
  eraseAhead: (ctx, userId) => inBatches((limit) => deleteSomeListed(ctx.db, userId, limit)),
  // The diary goes along.
  erase: (tx, userId) => deleteListsOf(tx.db, userId),
}

const viewingsPart: AccountPart = {
  name: 'viewings',
  description: 'Your diary: on which days you watched what.',
  exportRows: (db, userId) => rowsInPages<ExportedViewing>((after, limit) => exportViewings(db, userId, after, limit)),
  erase: goesAlong,
}

const listPrivacyPart: AccountPart = {
  name: 'list_privacy',
  description: 'Who may see your lists, where you have said so.',
  exportRows: (db, userId) =>
    rowsInPages<ExportedPrivacy>((after, limit) => exportListPrivacy(db, userId, after, limit)),
  erase: goesAlong,
}

/** What this domain holds of a person. */
export const socialParts: readonly AccountPart[] = [
  followsPart,
  blocksPart,
  listTitlesPart,
  viewingsPart,
  listPrivacyPart,
]
