import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordAudit } from '../../src/infra/audit.ts'
import { inTx } from '../../src/infra/tx.ts'
import { type TestContext, testContext } from '../support/context.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext()
  return () => ctx[Symbol.asyncDispose]()
})

const client = { address: '102.89.23.10', userAgent: 'Phone/1' }
const record = (actorId: string, more = {}) =>
  inTx(ctx, (tx) =>
    recordAudit(
      { ...tx, requestId: 'request-1', client },
      { action: 'role.changed', actorId, details: { to: 'critic' }, ...more },
    ),
  )
const rowsOf = (actorId: string) =>
  ctx.db
    .selectFrom('audit_log')
    .select([
      'action',
      'actor_id',
      'target_id',
      'user_agent',
      'request_id',
      'details',
      sql<string | null>`host(address)`.as('address'),
    ])
    .where('actor_id', '=', actorId)
    .execute()
const age = (actorId: string, interval: string) =>
  sql`insert into audit_log (action, actor_id, at) values ('role.changed', ${actorId}, now() - ${interval}::interval)`.execute(
    ctx.db,
  )
const asRole = (role: string, statement: ReturnType<typeof sql>) =>
  ctx.db.transaction().execute(async (tx) => {
    await sql`set local role ${sql.id(role)}`.execute(tx)
    return statement.execute(tx)
  })

describe('the audit log', () => {
  it('says who did what to whom, from where and by which request, with the deed or not at all', async () => {
    const [actor, target] = [randomUUID(), randomUUID()]
    await record(actor, { targetId: target })
    const entry = { action: 'role.changed', actor_id: actor, target_id: target, details: { to: 'critic' } }
    expect(await rowsOf(actor)).toEqual([
      { ...entry, address: '102.89.23.10', user_agent: 'Phone/1', request_id: 'request-1' },
    ])
    const undone = randomUUID()
    const failed = inTx(ctx, async (tx) => {
      await recordAudit(tx, { action: 'role.changed', actorId: undone })
      throw new Error('the deed failed')
    })
    await expect(failed).rejects.toThrow('the deed failed')
    expect(await rowsOf(undone)).toEqual([])
  })

  it.each([
    ['update', sql`update audit_log set action = 'x.y'`],
    ['update of an address', sql`update audit_log set address = null, user_agent = null`],
    ['delete', sql`delete from audit_log`],
    ['truncate', sql`truncate audit_log`],
  ])('refuses %s, whoever asks', async (_name, statement) => {
    await record(randomUUID())
    await expect(statement.execute(ctx.db)).rejects.toMatchObject({ code: '42501', message: /append-only/ })
  })

  it('refuses more than blanking and pruning also to who says that it is allowed', async () => {
    const actor = randomUUID()
    await record(actor)
    for (const [mode, statement] of [
      [
        'erase',
        sql`update audit_log set actor_id = null, address = null, user_agent = null where actor_id = ${actor}::uuid`,
      ],
      ['erase', sql`update audit_log set user_agent = 'x' where actor_id = ${actor}::uuid`],
      ['erase', sql`delete from audit_log where actor_id = ${actor}::uuid`],
      ['prune', sql`delete from audit_log where actor_id = ${actor}::uuid`],
    ] as const) {
      const attempt = ctx.db.transaction().execute(async (tx) => {
        await sql`select set_config('lemonnpie.audit_log', ${mode}, true)`.execute(tx)
        await statement.execute(tx)
      })
      await expect(attempt).rejects.toMatchObject({ code: '42501' })
    }
  })

  it('lets its role insert and read, and not change', async () => {
    const actor = randomUUID()
    const role = 'lemonnpie_auditor'
    await asRole(role, sql`insert into audit_log (action, actor_id) values ('role.changed', ${actor}::uuid)`)
    expect((await asRole(role, sql`select from audit_log where actor_id = ${actor}::uuid`)).rows).toHaveLength(1)
    for (const statement of [
      sql`update audit_log set address = null`,
      sql`delete from audit_log`,
      sql`truncate audit_log`,
      sql`select audit_log_erase_person(${actor}::uuid)`,
      sql`select audit_log_prune(1)`,
      sql`alter table audit_log disable trigger all`,
      sql`drop table audit_log`,
    ]) {
      await expect(asRole(role, statement)).rejects.toMatchObject({ code: '42501' })
    }
  })

  it('forgets where a person was, in what they did and what was done to them, and keeps the deeds', async () => {
    const [person, other] = [randomUUID(), randomUUID()]
    await record(person)
    await record(other, { targetId: person })
    await record(other)
    const { rows } = await sql<{ blanked: number }>`select audit_log_erase_person(${person}::uuid) as blanked`.execute(
      ctx.db,
    )
    expect(rows[0]!.blanked).toBe(2)
    expect(await rowsOf(person)).toEqual([
      expect.objectContaining({ action: 'role.changed', address: null, user_agent: null, details: { to: 'critic' } }),
    ])
    expect((await rowsOf(other)).map(({ address }) => address).sort()).toEqual(['102.89.23.10', null])
    await expect(sql`update audit_log set address = null`.execute(ctx.db)).rejects.toMatchObject({ code: '42501' })
  })

  it('keeps two years, no less', async () => {
    const [old, young] = [randomUUID(), randomUUID()]
    await age(old, '2 years 1 day')
    await age(young, '1 year 364 days')
    await sql`select audit_log_prune(100)`.execute(ctx.db)
    expect([(await rowsOf(old)).length, (await rowsOf(young)).length]).toEqual([0, 1])
  })
})
