import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { rowsInPages } from '../../../src/infra/account-parts.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext({ redis: 'off' })
  return () => ctx[Symbol.asyncDispose]()
})

describe('what refers to accounts', () => {
  const references = async () => {
    const { rows } = await ctx.pool.query<{ table: string; on_delete: string; columns: string }>(
      `select c.conrelid::regclass::text as table, c.confdeltype as on_delete
        from pg_constraint c where c.contype = 'f' and c.confrelid = 'users'::regclass`,
    )
    return rows
  }

  it('is on the page of what is kept of people', async () => {
    const page = readFileSync('docs/personal-data.md', 'utf8')
    const tables = [...new Set((await references()).map(({ table }) => table))]
    expect(tables).toContain('sessions')
    expect(tables.filter((table) => !page.includes(`\`${table}\``))).toEqual([])
  })

  it('lets an account go', async () => {
    // c: cascade, n: set null
    expect((await references()).filter(({ on_delete }) => !'cn'.includes(on_delete))).toEqual([])
  })
})

describe('the export', () => {
  it('is described part by part', async () => {
    const { paths } = (await (await testApp(ctx)).inject('/openapi.json')).json()
    const { schema } = paths['/api/v1/users/profile/export'].get.responses[200].content['application/json']
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(['exported_at', 'account', 'sessions', 'audit_entries']),
    )
    expect(schema.required).toEqual(Object.keys(schema.properties))
  })
})

describe('rowsInPages', () => {
  const pagesOf = (total: number, limit: number) => {
    const asked: unknown[] = []
    const rows = rowsInPages<number>(async (after = 0, most) => {
      asked.push([after, most])
      return Array.from({ length: Math.min(most, total - after) }, (_, index) => after + index + 1)
    }, limit)
    return { rows, asked }
  }

  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 2],
    [5, 3],
  ])('asks for %i rows in %i pages of two', async (total, pages) => {
    const { rows, asked } = pagesOf(total, 2)
    expect(await Array.fromAsync(rows)).toEqual(Array.from({ length: total }, (_, index) => index + 1))
    expect(asked).toHaveLength(pages)
  })

  it('asks for no page before it is wanted', async () => {
    const { rows, asked } = pagesOf(100, 10)
    await rows.next()
    expect(asked).toEqual([[0, 10]])
    await rows.return(undefined)
    expect(asked).toHaveLength(1)
  })
})
