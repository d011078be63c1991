import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { limitPolicies } from '../../../src/http/limit-policies.ts'
import { type AccountPart, rowsInPages } from '../../../src/infra/account-parts.ts'
import { auditOf } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { actorOfUser, makeUser, userPassword as password } from '../../support/user-factory.ts'

interface Note {
  readonly id: number
  readonly text: string
}

/** A domain's table, as domains have them: notes stay without a name or go, as reviews do. */
const makeNotes = (on: TestContext) =>
  sql`create table notes (
    id bigint generated always as identity primary key, user_id uuid references users, text text not null
  )`.execute(on.db)

const notesPart: AccountPart = {
  name: 'notes',
  description: 'Notes.',
  exportRows: (db, userId) =>
    rowsInPages<Note>(async (after, limit) => {
      const { rows } = await sql<Note>`select id, text from notes
        where user_id = ${userId} and id > ${after?.id ?? 0} order by id limit ${limit}`.execute(db)
      return rows
    }),
  erase: async (tx, userId, { reviews }) => {
    if (reviews === 'delete') await sql`delete from notes where user_id = ${userId}`.execute(tx.db)
    else await sql`update notes set user_id = null where user_id = ${userId}`.execute(tx.db)
    tx.afterCommit(async () => tx.log.info({ erased: userId }, 'notes are erased'))
  },
}

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext()
  await makeNotes(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

type User = Awaited<ReturnType<typeof makeUser>>

const appOf = (user: User, accountParts: readonly AccountPart[] = [notesPart], on = ctx) =>
  testApp(on, { actor: actorOfUser(user), accountParts })
const exported = (on: App) => on.inject('/api/v1/users/profile/export')
const erase = (on: App, payload: object = { password }, query = '') =>
  on.inject({ method: 'DELETE', url: `/api/v1/users/profile${query}`, payload })
const isThere = async ({ id }: User) =>
  (await ctx.db.selectFrom('users').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
const notesOf = async (text: string) => (await sql<Note>`select * from notes where text = ${text}`.execute(ctx.db)).rows
const write = (user: User, text: string) =>
  sql`insert into notes (user_id, text) values (${user.id}, ${text})`.execute(ctx.db)

describe('an export', () => {
  it('has all of the account, but its password', async () => {
    const user = await makeUser(ctx.db, { bio: 'Old Nollywood "first"\n', location: 'Jos' })
    const answer = await exported(await appOf(user))
    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({
      'cache-control': 'private, no-store',
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="lemonnpie-personal-data.json"',
    })
    const { password_hash, ...account } = user
    const { exported_at, ...all } = answer.json()
    expect(all).toMatchObject({ account, sessions: [], audit_entries: [], notes: [] })
    expect(new Date(exported_at).toISOString()).toBe(exported_at)
    expect(answer.body).not.toContain(password_hash)
  })

  it('has every row of every part, over as many pages as there are, and nobody else’s', async () => {
    const [user, other] = [await makeUser(ctx.db), await makeUser(ctx.db)]
    await sql`insert into notes (user_id, text)
      select case when n % 2 = 0 then ${user.id}::uuid else ${other.id}::uuid end, 'note ' || n || ' "quoted" 🍋'
      from generate_series(1, 2600) n`.execute(ctx.db)
    const { notes } = (await exported(await appOf(user))).json()
    expect(notes).toHaveLength(1_300)
    expect(new Set(notes.map(({ text }: Note) => Number(text.split(' ')[1]) % 2))).toEqual(new Set([0]))
  })

  it('needs an account, and one that is there', async () => {
    const anonymous = await exported(await testApp(ctx))
    expect([anonymous.statusCode, anonymous.json().error]).toEqual([401, 'unauthorized'])
    const user = await makeUser(ctx.db)
    await ctx.db.deleteFrom('users').where('id', '=', user.id).execute()
    const gone = await exported(await appOf(user))
    expect([gone.statusCode, gone.json().error]).toEqual([404, 'not_found'])
  })

  it('is not made for HEAD', async () => {
    const answer = await (await appOf(await makeUser(ctx.db))).inject({
      method: 'HEAD',
      url: '/api/v1/users/profile/export',
    })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, OPTIONS'])
  })

  /** Asks for an export over a connection of its own, whose reader decides when it reads. */
  async function exportOver(app: App) {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { hostname, port } = new URL(app.listeningOrigin)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.write('GET /api/v1/users/profile/export HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    return socket
  }

  it('is read no faster than its reader takes it, and without holding a connection meanwhile', async () => {
    const user = await makeUser(ctx.db)
    const total = 4_000
    let made = 0
    const large: AccountPart = {
      name: 'large',
      description: 'More than any buffer on the way holds.',
      exportRows: (db) =>
        rowsInPages<{ n: number; text: string }>(async (after, limit) => {
          const { rows } = await sql<{ n: number; text: string }>`select n, repeat('x', 20000) as text
            from generate_series(${(after?.n ?? 0) + 1}::int, least(${(after?.n ?? 0) + limit}::int, ${total}::int)) n
            order by n`.execute(db)
          made += rows.length
          return rows
        }, 50),
      erase: async () => {},
    }
    const socket = await exportOver(await appOf(user, [large]))
    socket.pause()
    // It stands still once every buffer on the way is full.
    for (let before = -1, still = 0; still < 3; still = made > 0 && made === before ? still + 1 : 0) {
      before = made
      await wait(150)
    }
    expect(made).toBeLessThan(total)
    const { rows } = await ctx.pool.query(
      `select count(*)::int as busy from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`,
    )
    expect(rows[0].busy).toBe(0)
    expect(ctx.pool.totalCount - ctx.pool.idleCount).toBe(0)
    let size = 0
    socket.on('data', (chunk) => {
      size += chunk.length
    })
    socket.resume()
    await new Promise((resolve) => socket.on('close', resolve))
    expect(made).toBe(total)
    expect(size).toBeGreaterThan(total * 20_000)
  })

  it('that breaks off is seen to have broken off', async () => {
    const user = await makeUser(ctx.db)
    const broken: AccountPart = {
      name: 'broken',
      description: 'Breaks.',
      async *exportRows(db) {
        yield { text: 'x'.repeat(100_000) }
        await sql`select 1 / 0`.execute(db)
      },
      erase: async () => {},
    }
    const socket = await exportOver(await appOf(user, [broken]))
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.on('error', () => {})
    await new Promise((resolve) => socket.on('close', resolve))
    expect(received).toContain('HTTP/1.1 200')
    expect(received).toContain('Transfer-Encoding: chunked')
    expect(received.endsWith('\r\n0\r\n\r\n')).toBe(false)
  })
})

describe('erasing an account', () => {
  it('takes it away at once, and keeps nothing but its id', async () => {
    const user = await makeUser(ctx.db, { email: 'Gone.Girl@gmail.com', email_key: 'gonegirl@gmail.com' })
    const on = await appOf(user)
    const answer = await erase(on)
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect(await isThere(user)).toBe(false)
    const tombstone = await ctx.db.selectFrom('erased_users').selectAll().where('id', '=', user.id).executeTakeFirst()
    expect(Object.keys(tombstone!)).toEqual(['id', 'erased_at'])
    expect((await on.inject(`/api/v1/users/${user.id}`)).statusCode).toBe(404)
    expect((await on.inject('/api/v1/users/profile')).statusCode).toBe(404)
  })

  it('frees the e-mail address, and never the id', async () => {
    const user = await makeUser(ctx.db, { email: 'again@example.com' })
    await erase(await appOf(user))
    await expect(makeUser(ctx.db, { id: user.id })).rejects.toThrow('the id is that of an erased account')
    expect((await makeUser(ctx.db, { email: 'again@example.com' })).id).not.toBe(user.id)
  })

  it('leaves reviews under nobody’s name, or deletes them, as was chosen', async () => {
    const choices = { '': 1, '?reviews=anonymise': 1, '?reviews=delete': 0 }
    for (const [query, left] of Object.entries(choices)) {
      const [user, text] = [await makeUser(ctx.db), `chosen ${query}`]
      await write(user, text)
      expect((await erase(await appOf(user), { password }, query)).statusCode).toBe(204)
      expect(await notesOf(text)).toHaveLength(left)
      expect(await notesOf(text)).not.toContainEqual(expect.objectContaining({ user_id: user.id }))
    }
  })

  it('is all or nothing', async () => {
    const user = await makeUser(ctx.db)
    await write(user, 'kept')
    const failing: AccountPart = {
      ...notesPart,
      name: 'failing',
      erase: async (tx) => {
        await sql`select 1 / 0`.execute(tx.db)
      },
    }
    const answer = await erase(await appOf(user, [notesPart, failing]))
    expect(answer.statusCode).toBeGreaterThanOrEqual(400)
    expect(await isThere(user)).toBe(true)
    expect(await notesOf('kept')).toMatchObject([{ user_id: user.id }])
    expect(await ctx.db.selectFrom('erased_users').selectAll().where('id', '=', user.id).execute()).toEqual([])
  })

  it('lets nothing come to refer to the account meanwhile', async () => {
    const user = await makeUser(ctx.db)
    const entered = Promise.withResolvers<void>()
    const slow: AccountPart = {
      ...notesPart,
      erase: async (tx, userId, choice) => {
        await notesPart.erase(tx, userId, choice)
        entered.resolve()
        await wait(200)
      },
    }
    const erasing = erase(await appOf(user, [slow]))
    await entered.promise
    const late = write(user, 'too late').catch((error) => error)
    expect((await erasing).statusCode).toBe(204)
    expect(await late).toMatchObject({ code: '23503' })
  })

  it('is done once when it is asked for twice at once', async () => {
    const user = await makeUser(ctx.db)
    const on = await appOf(user)
    const statuses = (await Promise.all([erase(on), erase(on), erase(on)])).map(({ statusCode }) => statusCode)
    expect(statuses.filter((status) => status === 204)).toHaveLength(1)
    expect(statuses.every((status) => [204, 403, 404].includes(status))).toBe(true)
  })

  it('needs the password, and one that is right', async () => {
    const user = await makeUser(ctx.db)
    const on = await appOf(user)
    const wrong = await erase(on, { password: `${password}!` })
    expect([wrong.statusCode, wrong.json().error]).toEqual([403, 'wrong_password'])
    expect(wrong.body).not.toContain(password)
    for (const payload of [{}, { password: '' }, { password: null }, { password, id: user.id }, []]) {
      expect((await erase(on, payload)).statusCode).toBe(422)
    }
    const bare = await on.inject({ method: 'DELETE', url: '/api/v1/users/profile' })
    expect([bare.statusCode, bare.json().details]).toEqual([422, [{ field: 'body', message: 'must be object' }]])
    expect((await erase(on, { password }, '?reviews=keep')).json().details).toEqual([
      { field: 'query.reviews', message: 'must be one of anonymise, delete' },
    ])
    expect(await isThere(user)).toBe(true)
  })

  it('needs an account', async () => {
    const answer = await erase(await testApp(ctx))
    expect([answer.statusCode, answer.json().error]).toEqual([401, 'unauthorized'])
  })

  it('cannot be used to guess the password', async () => {
    const guessed = await makeUser(ctx.db)
    const guesser = await appOf(guessed)
    for (let index = 0; index < 5; index += 1) {
      const wrong = await erase(guesser, { password: 'guess' })
      expect([wrong.statusCode, wrong.json().error]).toEqual([403, 'wrong_password'])
    }
    const locked = await erase(guesser)
    expect([locked.statusCode, locked.json().error]).toEqual([423, 'account_locked'])
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(890)
    expect(await isThere(guessed)).toBe(true)
    expect(await auditOf(ctx.db, guessed.id)).toEqual([
      ...Array(5).fill('user.erasure_failed'),
      'login.locked',
      'login.refused_locked',
    ])

    await using limited = await testContext({ env: { RATE_LIMIT: 'on' } })
    const user = await makeUser(limited.db)
    const on = await appOf(user, [], limited)
    const { max } = limitPolicies.account
    for (let index = 0; index < max; index += 1) await erase(on, { password: 'guess' })
    const right = await erase(on)
    expect([right.statusCode, right.json().error]).toEqual([429, 'rate_limited'])
    expect(right.headers['ratelimit-limit']).toBe(String(max))
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0)
    expect(await limited.db.selectFrom('users').select('id').execute()).toEqual([{ id: user.id }])
  })
})

describe('an admin', () => {
  it('who is the last one cannot leave', async () => {
    await using alone = await testContext({ redis: 'off' })
    const admin = await makeUser(alone.db, { role: 'admin' })
    await makeUser(alone.db, { role: 'admin', suspended_at: sql<string>`now()` })
    const on = await appOf(admin, [], alone)
    const refused = await erase(on)
    expect([refused.statusCode, refused.json().error]).toEqual([409, 'last_admin'])
    await makeUser(alone.db, { role: 'admin' })
    expect((await erase(on)).statusCode).toBe(204)
  })

  it('is left when two go at once', async () => {
    await using two = await testContext({ redis: 'off' })
    const admins = [await makeUser(two.db, { role: 'admin' }), await makeUser(two.db, { role: 'admin' })]
    const apps = await Promise.all(admins.map((admin) => appOf(admin, [], two)))
    const statuses = (await Promise.all(apps.map((on) => erase(on)))).map(({ statusCode }) => statusCode)
    expect(statuses.sort()).toEqual([204, 409])
  })
})
