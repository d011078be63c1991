import type { Insertable, Selectable } from 'kysely'
import type { DB } from '../../db/types.ts'
import type { Db } from '../../src/infra/db.ts'
import type { Actor, Role } from '../../src/lib/actor.ts'
import { makeTitle } from './factories.ts'

let last = 0
const serial = (): number => {
  last += 1
  return last
}

export interface AuthorOptions {
  readonly role?: Role
  readonly isVerified?: boolean
  readonly name?: string
}

/** An account that can be signed in as: `testApp(ctx, { authenticate: byHeader })`. */
export async function makeAuthor(
  db: Db,
  { role = 'user', isVerified = true, name = `Author ${serial()}` }: AuthorOptions = {},
): Promise<Actor> {
  const email = `author-${serial()}-${Math.random().toString(36).slice(2)}@lemonnpie.test`
  const { id } = await db
    .insertInto('users')
    .values({
      email,
      email_key: email,
      password_hash: 'x'.repeat(60),
      name,
      role,
      is_verified: isVerified,
      // Automatic moderation looks harder at new accounts.
      created_at: '2025-01-01T00:00:00Z',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, role, isVerified }
}

/** Signs in whoever the header says: `as(actor)`. For apps of tests that many act in. */
export const byHeader = (request: { headers: Record<string, unknown> }): Actor | null => {
  const header = request.headers['x-test-actor']
  return typeof header === 'string' ? (JSON.parse(header) as Actor) : null
}

export const as = (actor: Actor | null): Record<string, string> =>
  actor === null ? {} : { 'x-test-actor': JSON.stringify(actor) }

export const someText = (): string => `A film that nobody in Surulere will forget, number ${serial()}.`

/** A review as it stands in the table; author and title are made where they aren't given. */
export async function makeReview(
  db: Db,
  options: Partial<Insertable<DB['reviews']>> & { readonly tags?: readonly string[] } = {},
): Promise<Selectable<DB['reviews']>> {
  const { tags = [], ...columns } = options
  const row = await db
    .insertInto('reviews')
    .values({
      user_id: columns.user_id === undefined ? (await makeAuthor(db)).id : columns.user_id,
      movie_id: columns.movie_id ?? (await makeTitle(db)).id,
      lemon_pie_rating: 7,
      review_text: someText(),
      review_language: 'en',
      ...columns,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  for (const [position, tag] of tags.entries()) {
    await db.insertInto('review_tags').values({ review_id: row.id, tag, position }).execute()
  }
  return row
}
