import { type RawBuilder, sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'
import { mostSubscriptions, type NewPushSubscription, type PushSubscription } from './push-subscription.schemas.ts'

const service = sql<string>`substring(endpoint from '^[a-z]+://[^/]+')`

/**
 * Keeps a browser; it leaves whoever had it before, and of one account the oldest beyond the most go.
 * @param sessionId which it goes with; a session that is ending meanwhile is waited for
 * @returns undefined when the session has ended
 */
export async function upsertSubscription(
  db: Tx,
  userId: string,
  sessionId: string | null,
  { endpoint, keys }: NewPushSubscription,
): Promise<(PushSubscription & { readonly is_new: boolean }) | undefined> {
  const { rows } = await sql<PushSubscription & { is_new: boolean }>`
    /* upsertPushSubscription */
    with session as materialized (
      select s.id from sessions s where s.id = ${sessionId}::uuid and s.ended_at is null for share
    )
    insert into push_subscriptions (user_id, session_id, endpoint, p256dh, auth)
    select ${userId}::uuid, ${sessionId}::uuid, ${endpoint}, ${keys.p256dh}, ${keys.auth}
    where ${sessionId}::uuid is null or exists (select from session)
    on conflict (endpoint) do update
    set user_id = excluded.user_id, session_id = excluded.session_id, p256dh = excluded.p256dh, auth = excluded.auth, refused_since = null
    returning new.id, ${sql`substring(new.endpoint from '^[a-z]+://[^/]+')`} as service, new.created_at, new.told_at,
      old.user_id is distinct from new.user_id as is_new`.execute(db)
  await sql`/* prunePushSubscriptions */
    delete from push_subscriptions where id in (
      select id from push_subscriptions where user_id = ${userId}::uuid
      order by created_at desc, id desc offset ${mostSubscriptions})`.execute(db)
  return rows[0]
}

export const listSubscriptions = (db: Db, userId: string): Promise<PushSubscription[]> =>
  db
    .selectFrom('push_subscriptions')
    .modifyFront(named('listPushSubscriptions'))
    .select(['id', service.as('service'), 'created_at', 'told_at'])
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(mostSubscriptions)
    .execute()

/** @returns whether it was there */
export async function deleteSubscription(db: Db, userId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('push_subscriptions')
    .modifyEnd(named('deletePushSubscription'))
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export interface Endpoint {
  readonly id: string
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

export const listEndpoints = (db: Db, userId: string): Promise<Endpoint[]> =>
  db
    .selectFrom('push_subscriptions')
    .modifyFront(named('listPushEndpoints'))
    .select(['id', 'endpoint', 'p256dh', 'auth'])
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .limit(mostSubscriptions)
    .execute()

/** Forgets a browser that its service says is gone. */
export const deleteEndpoint = (db: Db, id: string) =>
  db.deleteFrom('push_subscriptions').modifyEnd(named('deletePushEndpoint')).where('id', '=', id).execute()

export const markTold = (db: Db, id: string) =>
  db
    .updateTable('push_subscriptions')
    .modifyEnd(named('markPushTold'))
    .set({ told_at: sql`now()`, refused_since: null })
    .where('id', '=', id)
    .execute()

/** For so many days a service may refuse a browser before it is forgotten: our keys may be what is wrong. */
const refusedDays = 7

/** Notes that its service refuses a browser, and forgets one that it has refused for long. @returns whether it was forgotten */
export async function noteRefused(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ is_gone: boolean }>`
    /* notePushRefused */
    with noted as (
      update push_subscriptions set refused_since = coalesce(refused_since, now())
      where id = ${id}::uuid and (refused_since is null or refused_since > now() - make_interval(days => ${refusedDays}))
      returning id
    ), gone as (
      delete from push_subscriptions
      where id = ${id}::uuid and refused_since <= now() - make_interval(days => ${refusedDays})
      returning id
    )
    select exists (select from gone) as is_gone`.execute(db)
  return rows[0]!.is_gone
}

/** Whether an account, a column, has a browser to be told on. */
export const hasSubscription = (userId: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`exists (select from push_subscriptions p where p.user_id = ${userId})`
