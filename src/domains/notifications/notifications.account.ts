import { type AccountPart, rowsInPages } from '../../infra/account-parts.ts'
import { publish } from '../../infra/outbox.ts'
import {
  type Exported,
  exportNotifications,
  exportPreferences,
  exportSubscriptions,
} from './notification-data.queries.ts'

async function* rowsOf(rows: Promise<readonly unknown[]>): AsyncGenerator<unknown> {
  yield* await rows
}

/** What of the account goes by `on delete cascade` with it. */
const goesAlong = async (): Promise<void> => {}

/** What this domain holds of a person. */
export const notificationParts: readonly AccountPart[] = [
  {
    name: 'notifications',
    description: 'What you were told, by ids, and whether you read it.',
    exportRows: (db, userId) => rowsInPages<Exported>((after, limit) => exportNotifications(db, userId, after, limit)),
    // What others were told of them may be a lot: it is out of sight at once, and a job takes it away in small transactions.
    erase: (tx, userId) => publish(tx, 'user.erased', { user_id: userId }),
  },
  {
    name: 'notification_preferences',
    description: 'How you want to be told, where you have said so, and when your mail of the day is sent.',
    exportRows: (db, userId) => rowsOf(exportPreferences(db, userId)),
    erase: goesAlong,
  },
  {
    name: 'push_subscriptions',
    description: 'The browsers that you are told on, without the keys that messages to them are sealed with.',
    exportRows: (db, userId) => rowsOf(exportSubscriptions(db, userId)),
    erase: goesAlong,
  },
]
