import type { Needs } from '../../context.ts'
import type { Db } from '../../infra/db.ts'
import { compileHot } from '../../infra/hot-query.ts'
import type { Actor } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { type PlannedRows, plannedFor } from '../../lib/page-size.ts'
import { messageOf } from './message.policy.ts'
import {
  getLiveState,
  type ListOptions,
  type LiveState,
  listNotifications,
  listNotificationsAfter,
  type NotificationRow,
} from './notification.queries.ts'
import {
  type NotificationList,
  type NotificationQuery,
  type NotificationView,
  notificationTypes,
} from './notification.schemas.ts'

const listOf = (size: PlannedRows) =>
  compileHot(`notifications_${size}`, (db, asked: ListOptions) => listNotifications(db, size, asked))
const lists = { usual: listOf('usual'), most: listOf('most') }

/** The greatest bigint: above every position. */
const top = '9223372036854775807'

/** A row with its sentence; the title of its review is the same title. */
export function viewOf({ nth: _, ...row }: NotificationRow): NotificationView {
  const review = row.review && row.movie ? { ...row.review, movie: row.movie } : row.review
  return { ...row, review, message: messageOf(row) }
}

/** A page of what somebody was told, the latest first. @throws AppError 422 */
export async function browseNotifications(
  ctx: Needs<'hot' | 'config'>,
  actor: Actor,
  { unread = false, type, limit, cursor }: NotificationQuery,
): Promise<NotificationList> {
  const types = notificationTypes.filter((each) => type === undefined || type.includes(each))
  const secret = ctx.config.JWT_SECRET
  const scope = `notifications:${actor.id}:${unread}:${types.join()}`
  const [below = top] = cursor === undefined ? [] : (decodeCursor(secret, scope, cursor) as [string])
  const asked = { userId: actor.id, types, unread, below, rows: limit + 1 }
  const found = await ctx.hot.run(lists[plannedFor(limit + 1)], asked)
  const unread_count = found[0]!.unread_count
  const rows = found.flatMap(({ unread_count: _, ...row }) => (row.id === null ? [] : [row as NotificationRow]))
  const { data, page } = toPage(rows, limit, null, (last) => encodeCursor(secret, scope, [last.position]))
  return { data: data.map(viewOf), page, unread_count }
}

/** What open connections are told, in order: the notifications of an account after a position, `0` for all. */
export async function notificationsAfter(
  db: Db,
  userId: string,
  after: string,
  limit: number,
): Promise<NotificationView[]> {
  return (await listNotificationsAfter(db, { userId, after, rows: limit })).map(viewOf)
}

/** The position that an account's list has come to, and how many are unread. */
export const liveState = (db: Db, userId: string): Promise<LiveState> => getLiveState(db, userId)
