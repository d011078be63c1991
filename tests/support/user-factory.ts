import { randomUUID } from 'node:crypto'
import type { InsertObject, Selectable } from 'kysely'
import type { DB } from '../../db/types.ts'
import { openSession } from '../../src/domains/auth/session.service.ts'
import { signAccessToken } from '../../src/http/access-token.ts'
import type { App } from '../../src/http/app-type.ts'
import type { Db } from '../../src/infra/db.ts'
import { inTx } from '../../src/infra/tx.ts'
import type { Actor } from '../../src/lib/actor.ts'
import type { TestContext } from './context.ts'

type User = Selectable<DB['users']>

/** The password of every account that a test makes, and its hash at the least cost, which a test need not wait for. */
export const userPassword = 'ewa agoyin at midnight'
export const userPasswordHash = '$2b$04$WLr11LSFQt65HgFxXVkCWe9oSSMxGedIj0OdYHrILqO8dCqQqLxZ6'

type UserColumns = Partial<Omit<InsertObject<DB, 'users'>, 'email'>> & { readonly email?: string }

/** An account, by default a verified user of an address that nobody else has. */
export function makeUser(db: Db, columns: UserColumns = {}): Promise<User> {
  const email = columns.email ?? `person-${randomUUID()}@example.com`
  return db
    .insertInto('users')
    .values({
      email_key: email.toLowerCase(),
      password_hash: userPasswordHash,
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

/** Tokens of a session of an account, without signing in. */
export async function tokensOf(ctx: TestContext, app: App, user: User) {
  const client = { address: '102.89.23.10', userAgent: 'a test' }
  const { opened } = await inTx(ctx, (tx) => openSession({ ...tx, client }, user))
  const { id: sub, email, role } = user
  const claims = { sub, email, role, sid: opened.session_id, kid: opened.kid }
  const access = signAccessToken({ server: app } as never, ctx.config, claims)
  return { access, refresh: opened.refresh_token, session: opened.session_id }
}
