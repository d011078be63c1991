import { sql } from 'kysely'
import { type Db, named, type Tx } from '../../infra/db.ts'

const hostOf = sql<string | null>`host(address)`.as('address')

/** Sessions of an account, those that are over too, after one of them. */
export const listSessionData = (db: Db, userId: string, after: { readonly id: string } | undefined, rows: number) =>
  db
    .selectFrom('sessions')
    .modifyFront(named('listSessionData'))
    .select(['id', 'user_agent', hostOf, 'created_at', 'last_used_at', 'expires_at', 'ended_at', 'end_reason'])
    .where('user_id', '=', userId)
    .$if(after !== undefined, (query) => query.where('id', '>', after!.id))
    .orderBy('id')
    .limit(rows)
    .execute()

export interface AuditData {
  readonly id: string
  readonly at: string
  readonly action: string
  /** Whether the account did it, and not somebody to the account. */
  readonly by_yourself: boolean
  readonly address: string | null
  readonly user_agent: string | null
  readonly details: unknown
}

/** What an account did and what was done to it. From where is told of what it did itself alone: the rest is of others. */
export async function listAuditData(
  db: Db,
  userId: string,
  addressHash: string | null,
  after: { readonly id: string } | undefined,
  rows: number,
): Promise<AuditData[]> {
  const beyond = after ? sql`and id > ${after.id}::uuid` : sql``
  const part = (column: 'actor_id' | 'target_id') => sql`
    (select id, at, action, actor_id, address, user_agent, details from audit_log
      where ${sql.ref(column)} = ${userId}::uuid ${beyond} order by id limit ${rows})`
  // What was tried with the address while it had no account.
  const addressPart = sql`
    (select id, at, action, actor_id, address, user_agent, details from audit_log
      where details ? 'address_hash' and details ->> 'address_hash' = ${addressHash} and target_id is null ${beyond}
      order by id limit ${rows})`
  const result = await sql<AuditData>`
    /* listAuditData */
    select id, at, action, is_own as by_yourself, details,
      case when is_own then host(address) end as address,
      case when is_own then user_agent end as user_agent
    from (select *, actor_id is not distinct from ${userId}::uuid as is_own
      from (${part('actor_id')} union ${part('target_id')} union ${addressPart}) all_parts) entries
    order by id limit ${rows}`.execute(db)
  return result.rows
}

/** Blanks what the audit log knows of a person beside their id. */
export async function blankAuditLog(db: Tx, userId: string, addressHash: string): Promise<void> {
  await sql`/* blankAuditLog */ select audit_log_erase_person(${userId}::uuid, ${addressHash})`.execute(db)
}
