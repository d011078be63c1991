import { hash } from 'bcryptjs'
import pg from 'pg'
import { passwordCost } from '../../src/infra/passwords.ts'
import { demoAccounts, demoEmailKeys, demoPassword } from '../../src/lib/demo-accounts.ts'

/** Adds the demo accounts that are not there; those that are stay as they were left. @returns how many were added */
export async function seedDemoAccounts(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'lemonnpie-seed' })
  // A connection lost while nothing is asked would otherwise end the process; the next query reports it.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<{ email_key: string }>(
      'select email_key from users where email_key = any($1)',
      [demoEmailKeys],
    )
    const known = new Set(rows.map(({ email_key }) => email_key))
    const missing = demoAccounts.filter(({ email }) => !known.has(email))
    // Hashing takes a third of a second each, which a second start need not wait for.
    for (const { id, email, name, role } of missing) {
      await client.query(
        `insert into users (id, email, email_key, name, role, is_verified, password_hash) values ($1, $2, $2, $3, $4, true, $5)
         on conflict (email_key) do nothing`,
        [id, email, name, role, await hash(demoPassword, passwordCost)],
      )
    }
    return missing.length
  } finally {
    await client.end()
  }
}
