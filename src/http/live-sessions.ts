import type { Needs } from '../context.ts'
import { compileHot } from '../infra/hot-query.ts'
import { openPubSub } from '../infra/pubsub.ts'
import { type Connection, closeConnection } from './live-connection.ts'
import { findNoLongerGood } from './live-session.queries.ts'

const noLongerGood = compileHot('findNoLongerGood', findNoLongerGood)

/** Sockets asked about at once: what they are asked by is built and read in under a millisecond. */
const batch = 1_000

/** What triggers on sessions, users and signing_keys notify, by the account, or by nothing when it is about everybody. */
const channel = 'sessions'

export interface SessionWatch {
  /** Looks at these, or at all. Sockets whose session, account or key is no longer good are closed. Never rejects. */
  check(connections?: Iterable<Connection>): Promise<void>
  close(): Promise<void>
}

/**
 * Closes sockets of sessions that end, of accounts that are suspended or get another role, and of keys that are retired:
 * at once in every process by what the database itself notifies, whoever changed it; at the latest, should a
 * notification be lost, by asking for all of them in turns.
 * @param ofAccount the sockets of an account in this process
 */
export function watchSessions(
  ctx: Needs<'hot' | 'db' | 'redis' | 'pubsub' | 'config' | 'log'>,
  all: () => Iterable<Connection>,
  ofAccount: (userId: string) => Iterable<Connection>,
): SessionWatch {
  let running: Promise<void> = Promise.resolve()
  // Triggers reach nobody by Redis.
  const notices = ctx.redis
    ? openPubSub({ url: ctx.config.DATABASE_URL, db: ctx.db, redis: null, log: ctx.log })
    : ctx.pubsub

  async function ask(connections: readonly Connection[]): Promise<void> {
    const rows = await ctx.hot.run(noLongerGood, {
      sids: connections.map(({ actor }) => actor!.sessionId),
      kids: connections.map(({ kid }) => kid),
      roles: connections.map(({ actor }) => actor!.role),
    })
    for (const { place, why } of rows) closeConnection(connections[place]!, why)
  }

  async function run(connections: Iterable<Connection>): Promise<void> {
    const listed = [...connections]
    for (const connection of listed) if (connection.isAuthenticating) connection.recheck = true
    const known = listed.filter(({ actor, closed }) => actor !== null && closed === null)
    for (let at = 0; at < known.length; at += batch) await ask(known.slice(at, at + batch))
  }

  const check = (connections: Iterable<Connection> = all()): Promise<void> =>
    run(connections).catch((error: unknown) => {
      ctx.log.warn({ err: error }, 'whether live sockets are still good could not be asked')
    })

  notices.subscribe(
    channel,
    (userId) => {
      running = check(userId === '' ? all() : ofAccount(userId))
    },
    () => {
      running = check()
    },
  )
  return {
    check,
    close: async () => {
      if (notices !== ctx.pubsub) await notices.close()
      await running
    },
  }
}
