import { randomBytes } from 'node:crypto'
import type { Needs } from '../../context.ts'
import { recordAudit } from '../../infra/audit.ts'
import type { Tx } from '../../infra/db.ts'
import { keyedHash, tokenHash } from '../../infra/secrets.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Client } from '../../lib/client.ts'
import { type CursorKey, decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { sessionNotFound } from './auth.errors.ts'
import { familiarPlace } from './device.policy.ts'
import { rememberDevice } from './device.queries.ts'
import { insertRefreshToken } from './refresh-token.queries.ts'
import {
  countSessions,
  endSessions,
  insertSession,
  listSessions,
  type SessionPosition,
  type SessionsToEnd,
} from './session.queries.ts'
import type { OwnAccount, SessionsQuery } from './session.schemas.ts'

/** What is known of a request beside its body. */
export interface Asking {
  readonly requestId?: string
  readonly client: Client
}

type InTx = Asking & Needs<'config'> & { readonly db: Tx }

/** A session with all that its tokens are made of. */
export interface OpenedSession {
  readonly user: OwnAccount
  readonly session_id: string
  /** The key to sign the access token with. */
  readonly kid: string
  readonly refresh_token: string
}

/** An account without what is not for its owner's eyes. */
export const shownAccount = ({
  id,
  email,
  name,
  avatar_url,
  role,
  is_verified,
  created_at,
}: OwnAccount): OwnAccount => ({
  id,
  email,
  name,
  avatar_url,
  role,
  is_verified,
  created_at,
})

/** Signs an account in. @returns also whether it never signed in from such a device and network before */
export async function openSession(
  tx: InTx,
  account: OwnAccount,
): Promise<{ opened: OpenedSession; isNewDevice: boolean }> {
  const { client } = tx
  const refresh_token = randomBytes(32).toString('base64url')
  const { id, kid } = await insertSession(tx.db, account.id, client)
  await insertRefreshToken(tx.db, tokenHash(refresh_token), id)
  const device = keyedHash(tx.config, 'device', familiarPlace(client))
  const isNewDevice = await rememberDevice(tx.db, account.id, device)
  await recordAudit(tx, {
    action: 'session.started',
    actorId: account.id,
    targetId: account.id,
    details: { session_id: id },
  })
  return { opened: { user: shownAccount(account), session_id: id, kid, refresh_token }, isNewDevice }
}

/** Ends sessions, and tells the audit log. @returns how many there were to end */
export async function closeSessions(
  tx: Asking & { readonly db: Tx },
  actorId: string | null,
  which: SessionsToEnd,
): Promise<number> {
  const ended = await endSessions(tx.db, which)
  if (ended.length > 0) {
    await recordAudit(tx, {
      action: 'session.ended',
      actorId,
      targetId: which.userId,
      details: { reason: which.reason, sessions: ended.map(({ id }) => id) },
    })
  }
  return ended.length
}

const cursorScope = 'sessions'
const positionOf = ([last_used_at, id]: CursorKey) => ({ last_used_at, id }) as SessionPosition

/** Where the account is signed in, the last used first. */
export async function browseSessions(ctx: Needs<'db' | 'config'>, actor: Actor, query: SessionsQuery) {
  const { limit, cursor, include_total: includeTotal } = query
  const secret = ctx.config.JWT_SECRET
  const scope = `${cursorScope}:${actor.id}`
  const after = cursor === undefined ? null : positionOf(decodeCursor(secret, scope, cursor))
  const [rows, total] = await Promise.all([
    listSessions(ctx.db, actor.id, limit + 1, after),
    includeTotal ? countSessions(ctx.db, actor.id) : null,
  ])
  const page = toPage(rows, limit, total, (last) => encodeCursor(secret, scope, [last.last_used_at, last.id]))
  return { ...page, data: page.data.map((row) => ({ ...row, is_current: row.id === actor.sessionId })) }
}

/** @throws AppError 404 for what is no live session of the actor's own */
export const endSession = (ctx: Asking & Needs<'db'>, actor: Actor, id: string): Promise<void> =>
  inTx(ctx, async (tx) => {
    const ended = await closeSessions(tx, actor.id, { userId: actor.id, only: id, reason: 'ended_by_user' })
    if (ended === 0) throw sessionNotFound()
  })
