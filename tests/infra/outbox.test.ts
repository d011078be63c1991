import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Db, openDb } from '../../src/infra/db.ts'
import { openLog } from '../../src/infra/logger.ts'
import { openMetrics } from '../../src/infra/metrics.ts'
import { outboxChannel, publish } from '../../src/infra/outbox.ts'
import { inTx } from '../../src/infra/tx.ts'
import { cloneDatabase } from '../support/databases.ts'

const movieId = '0192e4a0-0000-7000-8000-000000000001'
let db: Db
let url: string

beforeAll(async () => {
  const log = openLog({ LOG_LEVEL: 'silent' })
  const metrics = openMetrics()
  url = await cloneDatabase()
  db = openDb({ url, max: 2, applicationName: 'test', log, metrics }).db
})
afterAll(() => db.destroy())

const events = (name: string) =>
  db.selectFrom('outbox_events').select(['payload', 'request_id', 'published_at']).where('name', '=', name).execute()

describe('an event', () => {
  it('is there when its transaction has committed, with its payload and the request', async () => {
    await inTx({ db, requestId: 'request-1' }, async (tx) => {
      await publish(tx, 'title.created', { movie_id: movieId })
      expect(await events('title.created')).toEqual([])
    })
    expect(await events('title.created')).toEqual([
      { payload: { movie_id: movieId }, request_id: 'request-1', published_at: null },
    ])
  })

  it('needs no request', async () => {
    await inTx({ db }, (tx) => publish(tx, 'title.updated', { movie_id: movieId }))
    expect(await events('title.updated')).toEqual([expect.objectContaining({ request_id: null })])
  })

  it('whose payload is not what it says is refused', async () => {
    const wrong = { movie_id: 'seventeen', more: 1 }
    const work = inTx({ db }, (tx) => publish(tx, 'title.updated', wrong))
    await expect(work).rejects.toThrow(/^the payload of title.updated is wrong: /)
    const unknown = inTx({ db }, (tx) => publish(tx, 'title.sung' as 'title.updated', { movie_id: movieId }))
    await expect(unknown).rejects.toThrow('there is no event title.sung')
    expect(await events('title.sung')).toEqual([])
  })

  it('wakes who listens once its transaction has committed', async () => {
    const heard: string[] = []
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    client.on('notification', ({ channel }) => heard.push(channel))
    await client.query(`listen ${outboxChannel}`)
    await inTx({ db }, async (tx) => {
      await publish(tx, 'title.updated', { movie_id: movieId })
      await publish(tx, 'title.updated', { movie_id: movieId })
      await client.query('select')
      expect(heard).toEqual([])
    })
    await client.query('select')
    expect(heard).toEqual([outboxChannel])
    await client.end()
  })

  it('is not there when its transaction was rolled back', async () => {
    const work = inTx({ db }, async (tx) => {
      await publish(tx, 'title.deleted', { movie_id: movieId })
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await events('title.deleted')).toEqual([])
  })
})
