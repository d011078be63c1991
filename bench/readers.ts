// Accounts of the community that are signed in, without the third of a second that looking at a password takes.
import type pg from 'pg'
import { buildApp } from '../src/app.ts'
import { loadConfig, processEnvironment } from '../src/config.ts'
import { openContext } from '../src/context.ts'
import { signAccessToken } from '../src/http/access-token.ts'

export interface Reader {
  readonly id: string
  readonly email: string
  readonly session: string
  readonly kid: string
}

/** Signs verified accounts in that are not new, different ones for each seed. Their sessions end with `endSessions`. */
export async function signIn(pool: pg.Pool, count: number): Promise<Reader[]> {
  const { rows } = await pool.query<Reader>(
    `with chosen as (
       select id, email from users
       where is_verified and role = 'user' and created_at < now() - interval '90 days' and email like '%@people.lemonnpie.test'
       order by hashtext(id::text) limit $1
     ), opened as (
       insert into sessions (user_id, user_agent, expires_at) select id, 'bench', now() + interval '1 day' from chosen
       returning id, user_id
     )
     select c.id, c.email, o.id as session,
       (select kid from signing_keys where retired_at is null order by created_at desc, kid desc limit 1) as kid
     from chosen c join opened o on o.user_id = c.id`,
    [count],
  )
  return rows
}

export const endSessions = (pool: pg.Pool) => pool.query("delete from sessions where user_agent = 'bench'")

/** Signs access tokens, good for a quarter of an hour, as the API that runs with the same configuration does. */
export async function tokenSigner(databaseUrl: string) {
  const config = loadConfig({ ...processEnvironment(), DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent' })
  const ctx = await openContext(config, 'lemonnpie-bench')
  const app = await buildApp(ctx)
  await app.ready()
  return {
    sign: ({ id, email, session, kid }: Reader): string =>
      signAccessToken({ server: app } as never, ctx.config, { sub: id, email, role: 'user', sid: session, kid }),
    close: async () => {
      await app.close()
      await ctx[Symbol.asyncDispose]()
    },
  }
}
