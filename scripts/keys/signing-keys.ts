import type pg from 'pg'

/** A key that cannot be retired: its message says why. */
export class UnknownKeyError extends Error {
  override name = 'UnknownKeyError'
}

export interface SigningKey {
  readonly kid: string
  readonly state: 'signs' | 'verifies' | 'retired'
  readonly created_at: string
  readonly retired_at: string | null
}

const newest = `(select kid from signing_keys where retired_at is null order by created_at desc, kid desc limit 1)`
const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

/** All keys, the newest first. */
export async function listKeys(client: pg.ClientBase): Promise<SigningKey[]> {
  const { rows } = await client.query<SigningKey>(`
    select kid, ${iso('created_at')} as created_at, ${iso('retired_at')} as retired_at,
      case when retired_at is not null then 'retired' when kid = ${newest} then 'signs' else 'verifies' end as state
    from signing_keys order by signing_keys.created_at desc, kid desc`)
  return rows
}

/** Adds a key, which signs from now on. @returns its name */
export async function rotateKey(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ kid: string }>('insert into signing_keys default values returning kid')
  return rows[0]!.kid
}

/** @throws UnknownKeyError for the newest key, one that is retired, and one that there is not */
export async function retireKey(client: pg.ClientBase, kid: string): Promise<void> {
  const { rowCount } = await client.query(
    `update signing_keys set retired_at = now() where kid = $1 and retired_at is null and kid <> ${newest}`,
    [kid],
  )
  if (rowCount === 1) return
  const known = (await listKeys(client)).find((key) => key.kid === kid)
  if (!known) throw new UnknownKeyError(`there is no key ${kid}`)
  if (known.state === 'signs') throw new UnknownKeyError(`${kid} is the newest key, which signs: rotate first`)
  throw new UnknownKeyError(`${kid} was retired at ${known.retired_at}`)
}
