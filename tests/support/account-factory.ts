import { randomUUID } from 'node:crypto'
import type { Insertable, Selectable } from 'kysely'
import type { DB } from '../../db/types.ts'
import { emailKeyOf } from '../../src/domains/auth/email.policy.ts'
import { openSession } from '../../src/domains/auth/session.service.ts'
import { signAccessToken } from '../../src/http/access-token.ts'
import type { App } from '../../src/http/app-type.ts'
import type { Db } from '../../src/infra/db.ts'
import { inTx } from '../../src/infra/tx.ts'
import type { TestContext } from './context.ts'

/** The password of every account that a test makes without another one, and its hash at the least cost. */
export const madePassword = 'Suya on Sundays 2026'
export const madePasswordHash = '$2b$04$UloqYDD38LRaUdvxN/cD.OvO5W0YEPsXwiut.epntNoACikTYS9kC'

/** An address that no other test has. */
export const freshEmail = (): string => `ada.${randomUUID()}@example.com`

/** An account, by default verified and of the role user, whose password is `madePassword`. */
export async function makeAccount(
  db: Db,
  { email = freshEmail(), ...more }: Partial<Insertable<DB['users']>> = {},
): Promise<Selectable<DB['users']>> {
  return db
    .insertInto('users')
    .values({
      email,
      email_key: emailKeyOf(email)!,
      name: 'Adaeze Okafor',
      password_hash: madePasswordHash,
      is_verified: true,
      ...more,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

type Account = Selectable<DB['users']>

/** An account that is signed in, by no request. */
export async function makeSession(
  ctx: TestContext,
  app: App,
  account?: Account,
): Promise<{ account: Account; session: string; access: string; refresh: string; headers: { authorization: string } }> {
  const owner = account ?? (await makeAccount(ctx.db))
  const client = { address: '102.89.23.10', userAgent: 'a test' }
  const { opened } = await inTx(ctx, (tx) => openSession({ ...tx, client }, owner))
  const { id: sub, email, role } = owner
  const claims = { sub, email, role, sid: opened.session_id, kid: opened.kid }
  const access = signAccessToken({ server: app } as never, ctx.config, claims)
  return {
    account: owner,
    session: opened.session_id,
    access,
    refresh: opened.refresh_token,
    headers: bearer(access),
  }
}

/** What the audit log says of an account, in order. */
export const auditOf = async (db: Db, id: string): Promise<string[]> =>
  (await db.selectFrom('audit_log').select('action').where('target_id', '=', id).orderBy('id').execute()).map(
    ({ action }) => action,
  )

/** What an app answers to a sign-in. */
export const logIn = (app: App, email: string, password = madePassword, more: object = {}) =>
  app.inject({ method: 'POST', url: '/api/v1/auth/login', payload: { email, password }, ...more })

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
