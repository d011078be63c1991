import { type AccountPart, rowsInPages } from '../../infra/account-parts.ts'
import {
  deleteListsOf,
  type ExportedPrivacy,
  type ExportedTitle,
  type ExportedViewing,
  exportListPrivacy,
  exportListTitles,
  exportViewings,
} from './personal-list.queries.ts'

/** What of the account's lists goes by `on delete cascade` with something that another part deletes. */
const goesAlong = async (): Promise<void> => {}

export const listTitlesPart: AccountPart = {
  name: 'list_titles',
  description: 'The titles on your watchlist, among your favorites, and of those that you have watched.',
  exportRows: (db, userId) => rowsInPages<ExportedTitle>((after, limit) => exportListTitles(db, userId, after, limit)),
  // The diary goes along.
  erase: (tx, userId) => deleteListsOf(tx.db, userId),
}

export const viewingsPart: AccountPart = {
  name: 'viewings',
  description: 'Your diary: on which days you watched what.',
  exportRows: (db, userId) => rowsInPages<ExportedViewing>((after, limit) => exportViewings(db, userId, after, limit)),
  erase: goesAlong,
}

export const listPrivacyPart: AccountPart = {
  name: 'list_privacy',
  description: 'Who may see your lists, where you have said so.',
  exportRows: (db, userId) =>
    rowsInPages<ExportedPrivacy>((after, limit) => exportListPrivacy(db, userId, after, limit)),
  erase: goesAlong,
}
