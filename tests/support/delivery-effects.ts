import { sql } from 'kysely'
import type { Db, Tx } from '../../src/infra/db.ts'

export interface Effect {
  readonly consumer: string
  readonly event_id: string
  readonly movie_id: string
}

/** Where handlers of tests have their effects: nothing in it guards against a second. */
export const makeEffects = (db: Db): Promise<unknown> =>
  sql`create table effects (consumer text not null, event_id uuid not null, movie_id uuid not null)`.execute(db)

export const addEffect = (db: Db | Tx, { consumer, event_id, movie_id }: Effect): Promise<unknown> =>
  sql`insert into effects (consumer, event_id, movie_id) values (${consumer}, ${event_id}, ${movie_id})`.execute(db)
