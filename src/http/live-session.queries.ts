import { sql } from 'kysely'
import type { Db } from '../infra/db.ts'

/** What sockets were let in with, in three lists of one length. */
export interface LetIn {
  readonly sids: readonly string[]
  readonly kids: readonly string[]
  readonly roles: readonly string[]
}

export interface NoLongerGood {
  /** Which of them, from 0. */
  readonly place: number
  readonly why: 'revoked' | 'suspended' | 'changed'
}

/** Which of many sockets would not be let in any more: one statement, three primary keys for each. */
export const findNoLongerGood = (db: Db, { sids, kids, roles }: LetIn) =>
  sql<NoLongerGood>`
    select (a.n - 1)::integer as place,
      case
        when s.id is null or s.ended_at is not null or s.expires_at <= now() or k.kid is null then 'revoked'
        when u.role::text <> a.role then 'changed'
        else 'suspended'
      end as why
    from unnest(${sids}::uuid[], ${kids}::text[], ${roles}::text[]) with ordinality a (sid, kid, role, n)
    left join sessions s on s.id = a.sid
    left join users u on u.id = s.user_id
    left join signing_keys k on k.kid = a.kid and k.retired_at is null
    where s.id is null or s.ended_at is not null or s.expires_at <= now() or k.kid is null or u.role::text <> a.role
      or (u.suspended_at is not null and coalesce(u.suspended_until > now(), true))`.compile(db)
