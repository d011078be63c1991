import { randomUUID } from 'node:crypto'
import type { InsertObject, Selectable } from 'kysely'
import type { DB } from '../../db/types.ts'
import type { Db } from '../../src/infra/db.ts'
import type { Actor } from '../../src/lib/actor.ts'

type User = Selectable<DB['users']>

/** The form of a hash, of no password. */
const noHash = `$2b$04$${'.'.repeat(53)}`

type UserColumns = Partial<Omit<InsertObject<DB, 'users'>, 'email'>> & { readonly email?: string }

/** An account, by default a verified user of an address that nobody else has. */
export function makeUser(db: Db, columns: UserColumns = {}): Promise<User> {
  const email = columns.email ?? `person-${randomUUID()}@example.com`
  return db
    .insertInto('users')
    .values({
      email_key: email.toLowerCase(),
      password_hash: noHash,
      name: 'Adaeze Okafor',
      is_verified: true,
      ...columns,
      email,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Who an account is when it asks. */
export const actorOfUser = ({ id, role, is_verified }: Pick<User, 'id' | 'role' | 'is_verified'>): Actor => ({
  id,
  role,
  isVerified: is_verified,
})
