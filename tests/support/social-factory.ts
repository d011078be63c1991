import type { LightMyRequestResponse } from 'fastify'
import type { App } from '../../src/http/app-type.ts'
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
