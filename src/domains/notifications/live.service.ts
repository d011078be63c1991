import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Needs } from '../../context.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { onSignals } from '../../infra/live-signal.ts'
import { runPrepared } from '../../infra/prepared.ts'
import { type FeedRow, findBehind, pageOfFeed, readFeeds } from './live.queries.ts'
import type { ResumeFrame } from './live.schemas.ts'
import {
  deliver,
  type FeedState,
  type LivePeer,
  newReader,
  notificationFrame,
  nowhere,
  type Reader,
  startOf,
} from './live-reader.service.ts'
import { viewOf } from './notification-read.service.ts'

const feedsQuery = compileHot('readFeeds', readFeeds)
const behindQuery = compileHot('findBehind', findBehind)

export { closingFrame, pingFrame, renewedFrame } from './live-reader.service.ts'

/** One account with connections in this process. */
interface Feed {
  readonly readers: Set<Reader>
  /** It is to be read (again). */
  isDue: boolean
  isBeing: boolean
  /** What its readers were told last, when they were told all there was; at first nothing. */
  position: number
  unread: number
}

/** A feed that is being read, and where each of its readers was when that began. */
interface Taken {
  readonly feed: Feed
  readonly starts: ReadonlyMap<Reader, number>
}

/** What was read of one account; its frames are made once, however many connections get them. */
function stateOf(rows: readonly FeedRow[]): FeedState {
  const { last_position: last, unread_count: unread, pruned_position: pruned } = rows[0]!
  const items = rows.flatMap(({ reader: _r, last_position: _l, unread_count: _u, pruned_position: _p, ...row }) =>
    row.id === null
      ? []
      : [{ position: row.nth, at: Date.parse(row.updated_at), frame: notificationFrame(viewOf(row)) }],
  )
  return { last, unread, pruned, items, hasMore: items.length === pageOfFeed }
}

/** Milliseconds in which signals are gathered, so that they share a statement. */
const gathering = 3

/**
 * Accounts read by one statement, and statements at once. Each has a connection of the pool: on those that are shared
 * (`hot`) requests would wait behind so much.
 */
const accountsAtOnce = 10
const statementsAtOnce = 3

/** Milliseconds before what could not be read is tried again. */
const again = 1_000

/** Accounts looked at by one statement of a sweep. */
const sweptAtOnce = 1_000

/** Tells the connections of this process what their accounts are told. */
export interface LiveFeeds {
  join(peer: LivePeer): void
  resume(peer: LivePeer, frame: ResumeFrame): void
  /** There is room for more. */
  goOn(peer: LivePeer): void
  leave(peer: LivePeer): void
  close(): Promise<void>
}

/** @param sweepMilliseconds how often it is looked for what no signal has told */
export function openLiveFeeds(
  ctx: Needs<'hot' | 'pool' | 'pubsub' | 'log' | 'metrics'>,
  sweepMilliseconds: number,
): LiveFeeds {
  const feeds = new Map<string, Feed>()
  const readers = new Map<LivePeer, Reader>()
  const due = new Set<string>()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let sweeper: NodeJS.Timeout | undefined
  let closed = false

  function schedule(milliseconds = gathering): void {
    if (closed || due.size === 0 || running.size >= statementsAtOnce) return
    timer ??= setTimeout(() => {
      timer = undefined
      start()
    }, milliseconds)
  }

  function mark(userId: string): void {
    const feed = feeds.get(userId)
    if (!feed) return
    feed.isDue = true
    if (!feed.isBeing) due.add(userId)
    schedule()
  }

  /** Takes the accounts whose turn it is, with those of their readers that have room. */
  function take(): Map<string, Taken> {
    const taken = new Map<string, Taken>()
    for (const userId of due) {
      if (taken.size === accountsAtOnce) break
      due.delete(userId)
      const feed = feeds.get(userId)
      if (!feed) continue
      feed.isDue = false
      const open = [...feed.readers].filter(({ peer }) => !peer.isFull())
      if (open.length === 0) continue
      feed.isBeing = true
      taken.set(userId, { feed, starts: new Map(open.map((reader) => [reader, startOf(reader)])) })
    }
    return taken
  }

  function start(): void {
    while (running.size < statementsAtOnce) {
      const taken = take()
      if (taken.size === 0) return
      const reading = read(taken).finally(() => {
        running.delete(reading)
        schedule(0)
      })
      running.add(reading)
    }
  }

  async function read(taken: ReadonlyMap<string, Taken>): Promise<void> {
    const afters = [...taken.values()].map(({ starts }) => Math.min(...starts.values()))
    try {
      const rows = await runPrepared(ctx, feedsQuery, { users: [...taken.keys()], afters })
      for (const [userId, own] of Map.groupBy(rows, ({ reader }) => reader)) {
        tellOrLater(userId, taken.get(userId)!, own)
        await nextTurn()
      }
    } catch (error) {
      ctx.log.warn({ err: error }, 'live notifications could not be read: they are read again soon')
      for (const { feed } of taken.values()) feed.isDue = true
      await new Promise((resolve) => setTimeout(resolve, closed ? 0 : again))
    }
    for (const [userId, { feed }] of taken) {
      feed.isBeing = false
      if (feed.isDue && feeds.get(userId) === feed) due.add(userId)
    }
  }

  /** What cannot be told to one account keeps nobody else waiting. */
  function tellOrLater(userId: string, taken: Taken, rows: readonly FeedRow[]): void {
    try {
      tell(taken, stateOf(rows))
    } catch (error) {
      ctx.log.error({ err: error, user_id: userId }, 'an account could not be told live: it is tried again')
      setTimeout(mark, sweepMilliseconds, userId).unref()
    }
  }

  function tell({ feed, starts }: Taken, state: FeedState): void {
    for (const [reader, start] of starts) {
      // Who has left, or asked to begin elsewhere meanwhile, is not told by this.
      if (feed.readers.has(reader) && startOf(reader) === start) deliver(reader, state)
    }
    for (const { position, at } of state.items) {
      if (position > feed.position) ctx.metrics.liveLag.observe(Math.max(0, Date.now() - at) / 1_000)
    }
    if (state.hasMore) feed.isDue = true
    else {
      feed.position = state.last
      feed.unread = state.unread
    }
  }

  /** Finds the accounts whose readers lag, whatever was signalled. */
  async function sweep(): Promise<void> {
    const known = [...feeds].filter(([, { isDue, isBeing }]) => !isDue && !isBeing)
    for (let at = 0; at < known.length; at += sweptAtOnce) {
      const some = known.slice(at, at + sweptAtOnce)
      const behind = await ctx.hot.run(behindQuery, {
        users: some.map(([userId]) => userId),
        positions: some.map(([, { position }]) => position),
        unread: some.map(([, { unread }]) => unread),
      })
      for (const { user_id } of behind) mark(user_id)
    }
  }

  const sweepSoon = (): void => {
    sweep().catch((error: unknown) =>
      ctx.log.warn({ err: error }, 'what live connections missed could not be looked for'),
    )
  }

  /** Nothing is listened to before the first connection. */
  function listen(): void {
    if (sweeper) return
    sweeper = setInterval(sweepSoon, sweepMilliseconds).unref()
    onSignals(ctx.pubsub, (userIds) => userIds.forEach(mark), sweepSoon)
  }

  return {
    join(peer) {
      listen()
      const reader = newReader(peer)
      readers.set(peer, reader)
      const feed = feeds.get(peer.userId)
      if (feed) feed.readers.add(reader)
      else
        feeds.set(peer.userId, {
          readers: new Set([reader]),
          isDue: false,
          isBeing: false,
          position: nowhere,
          unread: 0,
        })
      mark(peer.userId)
    },
    resume(peer, { after }) {
      const reader = readers.get(peer)
      if (!reader) return
      reader.cursor = null
      reader.resume = Math.min(Number(after), Number.MAX_SAFE_INTEGER - 1)
      mark(peer.userId)
    },
    goOn: (peer) => mark(peer.userId),
    leave(peer) {
      const reader = readers.get(peer)
      const feed = feeds.get(peer.userId)
      if (!reader || !feed) return
      readers.delete(peer)
      feed.readers.delete(reader)
      if (feed.readers.size === 0) feeds.delete(peer.userId)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      clearInterval(sweeper)
      await Promise.all(running)
    },
  }
}
