import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onViolation } from '../../src/infra/constraints.ts'
import { type Db, openDb } from '../../src/infra/db.ts'
import { openLog } from '../../src/infra/logger.ts'
import { openMetrics } from '../../src/infra/metrics.ts'
import { AppError, defineError } from '../../src/lib/errors.ts'
import { cloneDatabase } from '../support/databases.ts'

const languageExists = defineError('language_exists', 409, 'There is such a language.')
let db: Db

beforeAll(async () => {
  const log = openLog({ LOG_LEVEL: 'silent' })
  const metrics = openMetrics()
  db = openDb({ url: await cloneDatabase(), max: 1, applicationName: 'test', log, metrics }).db
  await add('yo', 'Yorùbá')
})
afterAll(() => db.destroy())

const add = (code: string, name: string) => db.insertInto('languages').values({ code, name }).execute()

describe('a violation', () => {
  it('of the constraint becomes its error, with the cause', async () => {
    const error = await onViolation({ languages_pkey: languageExists }, add('yo', 'Another')).catch((e) => e)
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ code: 'language_exists', status: 409, cause: { constraint: 'languages_pkey' } })
  })

  it('of another constraint stays what it is', async () => {
    const query = onViolation({ languages_pkey: languageExists }, add('ig', 'Yorùbá'))
    await expect(query).rejects.toMatchObject({ code: '23505', constraint: 'languages_name_key' })
  })

  it('is none when it works: the answer comes through', async () => {
    await expect(onViolation({ languages_pkey: languageExists }, add('ig', 'Igbo'))).resolves.toHaveLength(1)
  })
})

it('lets other errors through', async () => {
  await expect(onViolation({ languages_pkey: languageExists }, sql`select 1 / 0`.execute(db))).rejects.toMatchObject({
    code: '22012',
  })
  const reason = new Error('not of Postgres')
  await expect(onViolation({ languages_pkey: languageExists }, Promise.reject(reason))).rejects.toBe(reason)
})
