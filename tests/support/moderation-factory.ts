import { sql } from 'kysely'
import type { EventName } from '../../src/events.ts'
import type { App } from '../../src/http/app-type.ts'
import type { Db } from '../../src/infra/db.ts'
import type { Actor, Role } from '../../src/lib/actor.ts'
import { as, makeAuthor, makeReview } from './review-factory.ts'

/** An account as old as that many days; a month, so that it is in good standing. */
export async function makeAccount(db: Db, role: Role = 'user', days = 30): Promise<Actor> {
  const actor = await makeAuthor(db, { role })
  const created_at = new Date(Date.now() - days * 86_400_000).toISOString()
  await db.updateTable('users').set({ created_at }).where('id', '=', actor.id).execute()
  return actor
}

/** Requests of somebody: `send(app, moderator)('POST', '/admin/moderation/bulk', {…})`. */
export const send =
  (app: App, actor: Actor | null) =>
  async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) => {
    const url = `/api/v1${path}`
    const answer = await app.inject({ method, url, headers: as(actor), ...(payload ? { payload } : {}) })
    return { status: answer.statusCode, body: answer.body === '' ? null : answer.json(), headers: answer.headers }
  }

/** A review that waits for a moderator. */
export const makePending = (db: Db, more: Parameters<typeof makeReview>[1] = {}) =>
  makeReview(db, {
    moderation_status: 'pending',
    assessment: JSON.stringify({ score: 0.7, reasons: [{ code: 'insult', note: 'Words that insult: “oloshi”.' }] }),
    ...more,
  })

/** Payloads of the events of a name that hold a value, in order. */
export async function eventsOf(db: Db, name: EventName, value: string): Promise<Record<string, unknown>[]> {
  const { rows } = await sql<{ payload: Record<string, unknown> }>`
    select payload from outbox_events where name = ${name} and payload::text like ${`%${value}%`} order by id`.execute(
    db,
  )
  return rows.map(({ payload }) => payload)
}
