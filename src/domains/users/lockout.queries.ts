import { sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'

export interface Rule {
  /** Wrong passwords that lock. */
  readonly most: number
  readonly lockMinutes: number
  /** Seconds after which no look that began is under way still. */
  readonly lookSeconds: number
}

export interface Attempt {
  /** Whether the password may be looked at, which is then under way. */
  readonly may_look: boolean
  /** Seconds until the lock opens; null when there is none: others are being looked at. */
  readonly locked_seconds: number | null
  /** Whether it is the first that the present lock refuses. */
  readonly is_first_refusal: boolean
}

/**
 * Counts an attempt before its password is looked at, and lets it be looked at while those that were wrong and those that
 * are under way are fewer than would lock: so of a hundred guesses at once only the first few are tried, and right
 * passwords at once lock nobody out. A lock is not prolonged by more attempts; when it has opened, or after as long without
 * an attempt, counting begins anew.
 */
export async function countAttempt(db: Db, emailHash: Buffer, rule: Rule): Promise<Attempt> {
  const { most, lockMinutes, lookSeconds } = rule
  const lock = sql`make_interval(mins => ${lockMinutes}::integer)`
  const { rows } = await sql<Attempt>`
    /* countAttempt */
    insert into login_failures as f (email_hash, failures, looking, looked_at, last_failed_at)
    values (${emailHash}, 1, 1, clock_timestamp(), clock_timestamp())
    on conflict (email_hash) do update set (failures, wrong, looking, looked_at, last_failed_at, locked_until, refused_at) = (
      select d.failures + 1, d.wrong, d.looking + d.may_look::integer,
        case when d.may_look then clock_timestamp() else f.looked_at end, clock_timestamp(), d.locked_until,
        case when d.locked_until is not null then coalesce(f.refused_at, clock_timestamp()) end
      from (
        select k.*, k.locked_until is null and k.wrong + k.looking < ${most}::integer as may_look
        from (
          select
            case when o.is_over then 0 else f.failures end as failures,
            case when o.is_over then 0 else f.wrong end as wrong,
            case when o.is_over or f.looked_at < clock_timestamp() - make_interval(secs => ${lookSeconds}::integer) then 0
              else f.looking end as looking,
            case when not o.is_over then f.locked_until end as locked_until
          from (select coalesce(f.locked_until < clock_timestamp(), f.last_failed_at < clock_timestamp() - ${lock}) as is_over) o
        ) k
      ) d
    )
    returning
      new.looked_at is distinct from old.looked_at as may_look,
      new.refused_at is not null and new.refused_at is distinct from old.refused_at as is_first_refusal,
      case when new.locked_until is not null then
        greatest(1, ceil(extract(epoch from new.locked_until - clock_timestamp())))::integer end as locked_seconds`.execute(
    db,
  )
  return rows[0]!
}

/** The password was wrong. @returns whether it is the one that locks */
export async function countWrong(db: Tx, emailHash: Buffer, { most, lockMinutes }: Rule): Promise<boolean> {
  const { rows } = await sql<{ is_locking: boolean }>`
    /* countWrong */
    insert into login_failures as f (email_hash, wrong) values (${emailHash}, 1)
    on conflict (email_hash) do update set
      wrong = f.wrong + 1,
      looking = greatest(0, f.looking - 1),
      locked_until = case
        when f.locked_until is null and f.wrong + 1 >= ${most}::integer
          then clock_timestamp() + make_interval(mins => ${lockMinutes}::integer)
        else f.locked_until
      end
    returning new.locked_until is distinct from old.locked_until as is_locking`.execute(db)
  return rows[0]!.is_locking
}

/** The look is over, and its attempt is not counted: the password was right, or nobody could look at it. */
export const uncountAttempt = (db: Db, emailHash: Buffer) =>
  db
    .updateTable('login_failures')
    .modifyEnd(named('uncountAttempt'))
    .set({ failures: sql`greatest(0, failures - 1)`, looking: sql`greatest(0, looking - 1)` })
    .where('email_hash', '=', emailHash)
    .execute()

/** Who it is was shown: what was counted is forgotten. */
export const forgetFailures = (db: Db, emailHash: Buffer) =>
  db.deleteFrom('login_failures').modifyEnd(named('forgetFailures')).where('email_hash', '=', emailHash).execute()
