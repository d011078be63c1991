import type { LightMyRequestResponse } from 'fastify'
import { sql } from 'kysely'
import type { App } from '../../src/http/app-type.ts'
import type { Db } from '../../src/infra/db.ts'
import type { Actor } from '../../src/lib/actor.ts'
import { as } from './review-factory.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Asks an app of many actors (`byHeader`) for something, as somebody or (null) nobody. */
export const ask =
  (app: App) =>
  (actor: Actor | null, method: Method, path: string, payload?: object): Promise<LightMyRequestResponse> =>
    app.inject({
      method,
      url: `/api/v1${path}`,
      headers: as(actor),
      ...(payload === undefined ? {} : { payload }),
    })

export type Ask = ReturnType<typeof ask>

/** All rows of a list, page by page; from a cursor on, if one is given. */
export async function walk<Row>(
  asks: Ask,
  actor: Actor | null,
  path: string,
  from: string | null = null,
): Promise<Row[]> {
  const all: Row[] = []
  let cursor = from
  do {
    const joint = path.includes('?') ? '&' : '?'
    const answer = await asks(actor, 'GET', cursor === null ? path : `${path}${joint}cursor=${cursor}`)
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${answer.body}`)
    const { data, page } = answer.json()
    all.push(...data)
    cursor = page.next_cursor
  } while (cursor !== null)
  return all
}

let crowds = 0

/** The ids of so many accounts, made in one statement. */
export async function makeCrowd(db: Db, count: number): Promise<string[]> {
  crowds += 1
  const prefix = `crowd-${crowds}-${Math.random().toString(36).slice(2)}-`
  const { rows } = await sql<{ id: string }>`
    insert into users (email, email_key, password_hash, name, is_verified, created_at)
    select ${prefix}::text || n || '@lemonnpie.test', ${prefix}::text || n || '@lemonnpie.test', repeat('x', 60), 'Crowd ' || n, true,
      '2025-01-01'
    from generate_series(1, ${count}::integer) n
    returning id`.execute(db)
  return rows.map(({ id }) => id)
}
