import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AccountPart } from '../../../src/infra/account-parts.ts'
import { makeAccount, madePassword as password } from '../../support/account-factory.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { makeTitle } from '../../support/factories.ts'
import { makeAuthor } from '../../support/review-factory.ts'
import { makeCrowd } from '../../support/social-factory.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext()
  // How many rows each statement took away, and for how long it might have gone on.
  await sql`
    create table deletions (name text, rows bigint, timeout text default current_setting('statement_timeout'));
    create function note_deletion() returns trigger language plpgsql as $$
    begin
      insert into deletions (name, rows) select tg_table_name, count(*) from gone having count(*) > 0;
      return null;
    end $$;
    create trigger note_deletion after delete on follows
      referencing old table as gone for each statement execute function note_deletion();
    create trigger note_deletion after delete on list_titles
      referencing old table as gone for each statement execute function note_deletion();
    create trigger note_deletion after delete on movies
      referencing old table as gone for each statement execute function note_deletion()`.execute(ctx.db)
  return () => ctx[Symbol.asyncDispose]()
})
beforeEach(() => sql`truncate deletions`.execute(ctx.db))

const deletionsOf = async (name: string) => {
  const { rows } = await sql<{ rows: number }>`select rows from deletions where name = ${name}`.execute(ctx.db)
  return rows.map(({ rows: count }) => count)
}
const followsOf = async (id: string) => {
  const { rows } = await sql<{ count: number }>`
    select count(*) from follows where follower_id = ${id} or followee_id = ${id}`.execute(ctx.db)
  return rows[0]!.count
}
const countsOf = async (ids: readonly string[]) => {
  const { rows } = await sql<{ followers: number; following: number }>`
    select sum(followers_count)::int as followers, sum(following_count)::int as following
    from user_counts where user_id = any (${ids}::uuid[])`.execute(ctx.db)
  return rows[0]
}
const isThere = async (id: string) =>
  (await ctx.db.selectFrom('users').select('id').where('id', '=', id).execute()).length === 1

/** Somebody with 1,500 followers, who follows 1,000 and has 1,200 titles on a list. */
async function popularPerson(role: 'user' | 'admin' = 'user') {
  const { id } = await makeAccount(ctx.db, { role })
  const crowd = await makeCrowd(ctx.db, 1_500)
  await sql`insert into follows (follower_id, followee_id) select c.id, ${id}::uuid from unnest(${crowd}::uuid[]) c (id)`.execute(
    ctx.db,
  )
  await sql`insert into follows (follower_id, followee_id)
    select ${id}::uuid, c.id from unnest(${crowd.slice(0, 1_000)}::uuid[]) c (id)`.execute(ctx.db)
  await sql`
    with made as (
      insert into movies (type, slug, title, release_precision)
      select 'movie', ${`${id}-`}::text || n, 'Film ' || n, 'unknown' from generate_series(1, 1200) n
      returning id
    )
    insert into list_titles (user_id, movie_id, list) select ${id}::uuid, made.id, 'favorites' from made`.execute(
    ctx.db,
  )
  return { id, crowd, actor: { id, role, isVerified: true } as const }
}

const erase = async (person: Awaited<ReturnType<typeof popularPerson>>, accountParts: readonly AccountPart[] = []) => {
  const app = await testApp(ctx, { actor: person.actor, accountParts })
  return app.inject({ method: 'DELETE', url: '/api/v1/users/profile', payload: { password } })
}

describe('erasing an account of many', () => {
  it('takes follows and lists away by thousands, and counts nobody wrong', async () => {
    const person = await popularPerson()
    const answer = await erase(person)
    expect(answer.statusCode, answer.body).toBe(204)
    expect(await deletionsOf('follows')).toEqual([1_000, 1_000, 500])
    expect(await deletionsOf('list_titles')).toEqual([1_000, 200])
    expect(await isThere(person.id)).toBe(false)
    expect(await countsOf(person.crowd)).toEqual({ followers: 0, following: 0 })
  })

  it('that breaks off at its end leaves an account that can be erased again', async () => {
    const person = await popularPerson()
    let attempts = 0
    const broken: AccountPart = {
      name: 'broken',
      description: 'What cannot be erased the first time.',
      exportRows: async function* () {},
      erase: async () => {
        attempts += 1
        if (attempts === 1) throw new Error('the server was lost')
      },
    }
    expect((await erase(person, [broken])).statusCode).toBe(500)
    expect([await isThere(person.id), await followsOf(person.id)]).toEqual([true, 0])
    expect(await countsOf([person.id, ...person.crowd])).toEqual({ followers: 0, following: 0 })
    expect((await erase(person, [broken])).statusCode).toBe(204)
    expect(await isThere(person.id)).toBe(false)
  })

  it('takes nothing away where it is refused', async () => {
    const person = await popularPerson('admin')
    const answer = await erase(person)
    expect([answer.statusCode, answer.json().error]).toEqual([409, 'last_admin'])
    const app = await testApp(ctx, { actor: person.actor })
    const payload = { password: 'Jollof on Mondays 2026' }
    expect((await app.inject({ method: 'DELETE', url: '/api/v1/users/profile', payload })).statusCode).toBe(403)
    expect([await followsOf(person.id), await deletionsOf('list_titles')]).toEqual([2_500, []])
  })
})

it('deleting a title that many have listed may take minutes, and is one statement', async () => {
  const [{ id }, crowd] = [await makeTitle(ctx.db), await makeCrowd(ctx.db, 300)]
  await sql`insert into list_titles (user_id, movie_id, list)
    select c.id, ${id}::uuid, l.list from unnest(${crowd}::uuid[]) c (id)
    cross join unnest(enum_range(null::title_list)) l (list)`.execute(ctx.db)
  const admin = await makeAuthor(ctx.db, { role: 'admin' })
  const app = await testApp(ctx, { actor: admin })
  expect((await app.inject({ method: 'DELETE', url: `/api/v1/movies/${id}` })).statusCode).toBe(204)
  const { rows } = await sql`select name, rows, timeout from deletions order by name`.execute(ctx.db)
  expect(rows).toEqual([
    { name: 'list_titles', rows: 900, timeout: '5min' },
    { name: 'movies', rows: 1, timeout: '5min' },
  ])
  const left = await ctx.db.selectFrom('activities').select('id').where('user_id', 'in', crowd).execute()
  expect(left).toEqual([])
  // Of that transaction alone.
  const { rows: settings } = await sql`select current_setting('statement_timeout') as timeout`.execute(ctx.db)
  expect(settings).toEqual([{ timeout: '10s' }])
})
