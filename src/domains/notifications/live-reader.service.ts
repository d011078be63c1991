import type { ReadyFrame } from './live.schemas.ts'
import type { NotificationView } from './notification.schemas.ts'

/** Somebody's open connection, as far as it matters here. */
export interface LivePeer {
  readonly userId: string
  expiresAt(): number
  send(type: string, text: string): void
  isFull(): boolean
}

/** One connection and how far it has been told. */
export interface Reader {
  readonly peer: LivePeer
  /** The position up to which it was told all there is; null until it was sent `ready`. */
  cursor: number | null
  /** Where `resume` asks it to begin. */
  resume: number | null
  unread: number | null
}

/** Greater than every position. */
export const nowhere = Number.MAX_SAFE_INTEGER

export const newReader = (peer: LivePeer): Reader => ({ peer, cursor: null, resume: null, unread: null })

/** The position behind which a reader is to be told next. */
export const startOf = ({ cursor, resume }: Reader): number => cursor ?? resume ?? nowhere

/** What was read of an account at one moment. */
export interface FeedState {
  readonly last: number
  readonly unread: number
  /** Up to here some may be gone. */
  readonly pruned: number
  /** Whether there is more behind the last of `items`. */
  readonly hasMore: boolean
  readonly items: readonly FeedItem[]
}

export interface FeedItem {
  readonly position: number
  /** When it took the position, in milliseconds of the epoch. */
  readonly at: number
  readonly frame: string
}

export const notificationFrame = (view: NotificationView): string =>
  `{"type":"notification","id":"${view.position}","notification":${JSON.stringify(view)}}`

/** When the token of a peer ends, and how long that is from now, since its clock may be another. */
const expiryOf = (peer: LivePeer): Pick<ReadyFrame, 'expires_at' | 'expires_in_ms'> => ({
  expires_at: new Date(peer.expiresAt()).toISOString(),
  expires_in_ms: Math.max(0, peer.expiresAt() - Date.now()),
})

export const renewedFrame = (peer: LivePeer): string => JSON.stringify({ type: 'renewed', ...expiryOf(peer) })

export const pingFrame = '{"type":"ping"}'

export const closingFrame = (milliseconds: number): string =>
  JSON.stringify({ type: 'closing', retry_after_ms: milliseconds })

/** Answers `auth` or `resume`: from here on every position is told. @returns where it begins */
function begin(reader: Reader, { last, unread, pruned }: FeedState): number {
  const { peer, resume } = reader
  const reset = resume !== null && (resume > last || resume < pruned)
  const after = resume === null || reset ? last : resume
  const frame: ReadyFrame = {
    type: 'ready',
    last: String(last),
    after: String(after),
    reset,
    unread_count: unread,
    ...expiryOf(peer),
  }
  peer.send('ready', JSON.stringify(frame))
  reader.resume = null
  reader.unread = unread
  return after
}

/** Tells a reader what it has not been told of what was read; the state was read from its start or from before it. */
export function deliver(reader: Reader, state: FeedState): void {
  const { peer } = reader
  let cursor = reader.cursor ?? begin(reader, state)
  for (const { position, frame } of state.items) {
    if (position <= cursor) continue
    peer.send('notification', frame)
    cursor = position
  }
  // Positions without a row were not for here: they were deleted, moved on, or not wanted live.
  reader.cursor = state.hasMore ? cursor : Math.max(cursor, state.last)
  if (state.hasMore || reader.unread === state.unread) return
  reader.unread = state.unread
  peer.send('unread_count', `{"type":"unread_count","unread_count":${state.unread}}`)
}
