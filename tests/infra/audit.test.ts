import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordAudit } from '../../src/infra/audit.ts'
import { inTx } from '../../src/infra/tx.ts'
import { auditOf } from '../support/account-factory.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { makeUser } from '../support/user-factory.ts'

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
      [
        'erase',
        sql`update audit_log set address = null, user_agent = null, details = details - 'to' where actor_id = ${actor}::uuid`,
      ],
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
      sql`select audit_log_erase_person(${actor}::uuid, 'a hash')`,
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

  it('forgets the hash of an address, in what was tried with it too', async () => {
    const [person, stranger] = [randomUUID(), randomUUID()]
    const [hash, other] = [randomUUID(), randomUUID()]
    await record(person, { details: { address_hash: hash, to: 'critic' } })
    for (const address_hash of [hash, other]) await record(stranger, { details: { address_hash } })
    const blank = () => sql`select audit_log_erase_person(${person}::uuid, ${hash}) as blanked`.execute(ctx.db)
    expect((await blank()).rows).toEqual([{ blanked: 2 }])
    expect(await rowsOf(person)).toMatchObject([{ address: null, user_agent: null, details: { to: 'critic' } }])
    expect((await rowsOf(stranger)).map(({ address, details }) => [address, details]).sort()).toEqual(
      [
        [null, {}],
        ['102.89.23.10', { address_hash: other }],
      ].sort(),
    )
    expect((await blank()).rows).toEqual([{ blanked: 0 }])
  })

  it('finds what is of an address by an index', async () => {
    const { rows } = await ctx.db.transaction().execute(async (tx) => {
      await sql`set local enable_seqscan = off`.execute(tx)
      return sql<{ 'QUERY PLAN': string }>`explain select from audit_log
        where actor_id = ${randomUUID()} or target_id = ${randomUUID()}
          or (details ? 'address_hash' and details ->> 'address_hash' = ${'a hash'})`.execute(tx)
    })
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    for (const part of ['actor_id', 'target_id', 'address_hash']) expect(plan).toContain(`audit_log_${part}_idx`)
  })

  it.each([
    ['nobody who is known', null, { actor_id: null, address: null, user_agent: null, request_id: null }],
    [
      'whom the transaction names',
      { actor_id: randomUUID(), address: '102.89.23.10', user_agent: 'Phone/1', request_id: 'request-2' },
      undefined,
    ],
  ])('tells of a change of role by %s, whatever statement makes it', async (_name, acting, told) => {
    const { id } = await makeUser(ctx.db)
    await ctx.db.transaction().execute(async (tx) => {
      if (acting) await sql`select set_config('lemonnpie.acting', ${JSON.stringify(acting)}, true)`.execute(tx)
      await sql`update users set role = 'critic' where id = ${id}`.execute(tx)
      await sql`update users set role = 'critic', name = 'Ada' where id = ${id}`.execute(tx)
    })
    const rows = await ctx.db
      .selectFrom('audit_log')
      .select(['action', 'actor_id', 'user_agent', 'request_id', 'details', sql`host(address)`.as('address')])
      .where('target_id', '=', id)
      .execute()
    const details = { role: 'critic', former_role: 'user' }
    expect(rows).toEqual([{ action: 'user.role_changed', details, ...(told ?? acting) }])
    const undone = ctx.db.transaction().execute(async (tx) => {
      await sql`update users set role = 'admin' where id = ${id}`.execute(tx)
      throw new Error('taken back')
    })
    await expect(undone).rejects.toThrow('taken back')
    expect(await auditOf(ctx.db, id)).toEqual(['user.role_changed'])
  })

  it('keeps two years, no less', async () => {
    const [old, young] = [randomUUID(), randomUUID()]
    await age(old, '2 years 1 day')
    await age(young, '1 year 364 days')
    await sql`select audit_log_prune(100)`.execute(ctx.db)
    expect([(await rowsOf(old)).length, (await rowsOf(young)).length]).toEqual([0, 1])
  })
})
