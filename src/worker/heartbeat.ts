import type { Needs } from '../context.ts'

export interface Heartbeat {
  readonly stop: () => Promise<void>
}

/** Looks at the database at once and then every so many milliseconds, and logs when it goes away and comes back. */
export function startHeartbeat({ pool, log }: Needs<'pool' | 'log'>, everyMilliseconds: number): Heartbeat {
  let away = false
  const beat = async (): Promise<void> => {
    try {
      await pool.query('/* heartbeat */ select 1')
      if (away) log.info('the database is back')
      away = false
    } catch (error) {
      if (!away) log.error({ err: error }, 'the database does not answer')
      away = true
    }
  }
  let beating = beat()
  const timer = setInterval(() => {
    beating = beating.then(beat)
  }, everyMilliseconds)
  return {
    stop: async () => {
      clearInterval(timer)
      await beating
    },
  }
}
