import { sql } from 'kysely'
import type { Db } from '../infra/db.ts'
import type { Role } from '../lib/actor.ts'
import { demoEmailKeys } from '../lib/demo-accounts.ts'

/** What the database says, at this moment, of somebody who brings a token. */
export interface Caller {
  readonly id: string
  readonly role: Role
  readonly is_verified: boolean
  /** Whether the session is neither ended nor expired. */
  readonly is_live: boolean
  /** Whether the key that signed the token is not retired. */
  readonly is_key_good: boolean
  readonly is_demo: boolean
  readonly is_suspended: boolean
  readonly suspended_until: string | null
  readonly suspension_reason: string | null
}

const demoList = sql.join(demoEmailKeys.map((key) => sql.lit(key)))

/** Session, account and key, each by its primary key. */
export const findCaller = (db: Db, { sid, kid }: { readonly sid: string; readonly kid: string }) =>
  sql<Caller>`
    select u.id, u.role, u.is_verified, u.suspended_until, u.suspension_reason,
      s.ended_at is null and s.expires_at > now() as is_live,
      exists (select from signing_keys k where k.kid = ${kid} and k.retired_at is null) as is_key_good,
      u.email_key in (${demoList}) as is_demo,
      u.suspended_at is not null and coalesce(u.suspended_until > now(), true) as is_suspended
    from sessions s
    join users u on u.id = s.user_id
    where s.id = ${sid}::uuid`.compile(db)
