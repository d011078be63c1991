import { randomUUID } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import type { Insertable, Selectable } from 'kysely'
import type { DB } from '../../db/types.ts'
import { emailKeyOf } from '../../src/domains/auth/email.policy.ts'
import type { App } from '../../src/http/app-type.ts'
import type { Db } from '../../src/infra/db.ts'

/** The password of every account that a test makes without another one, and its hash at the present cost. */
export const madePassword = 'Suya on Sundays 2026'
export const madePasswordHash = '$2b$12$Mk0O6dG8fd8IS3lN4CFRweqb./IZ7NdN9SMt3FJyYbBP6wku7Z5Bi'

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

export interface SignedInAnswer {
  readonly user: { readonly id: string; readonly email: string }
  readonly access_token: string
  readonly refresh_token: string
}

/** What an app answers to a sign-in. */
export const logIn = (app: App, email: string, password = madePassword, more: object = {}) =>
  app.inject({ method: 'POST', url: '/api/v1/auth/login', payload: { email, password }, ...more })

/** Signs in an account through the door, and takes its tokens. */
export async function signIn(app: App, email: string, password = madePassword): Promise<SignedInAnswer> {
  const answer: LightMyRequestResponse = await logIn(app, email, password)
  if (answer.statusCode !== 200) throw new Error(`signing in answered ${answer.statusCode}: ${answer.body}`)
  return answer.json()
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
