import type { Needs } from '../context.ts'
import type { App } from './app-type.ts'

/** A dependency that has not answered after so many milliseconds counts as away. */
const patience = 2_000

interface DependencyHealth {
  readonly status: 'up' | 'down' | 'off'
  readonly latency_ms: number | null
}

export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'unavailable' | 'closing'
  readonly dependencies: { readonly postgres: DependencyHealth; readonly redis: DependencyHealth }
}

async function probe(ask: () => Promise<unknown>): Promise<DependencyHealth> {
  const started = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), patience)
  })
  try {
    await Promise.race([ask(), late])
    return { status: 'up', latency_ms: Math.round((performance.now() - started) * 100) / 100 }
  } catch {
    return { status: 'down', latency_ms: null }
  } finally {
    clearTimeout(timer)
  }
}

const off: DependencyHealth = { status: 'off', latency_ms: null }

/** Whether the service can do its work: not without Postgres, only slower without the Redis that it was given. */
export async function readiness({ pool, redis }: Needs<'pool' | 'redis'>, closing: boolean): Promise<Readiness> {
  const [postgres, cache] = await Promise.all([
    probe(() => pool.query('/* ready */ select 1')),
    redis ? probe(() => redis.ping()) : off,
  ])
  const dependencies = { postgres, redis: cache }
  if (closing) return { status: 'closing', dependencies }
  if (postgres.status !== 'up') return { status: 'unavailable', dependencies }
  return { status: cache.status === 'down' ? 'degraded' : 'ready', dependencies }
}

const operational = { config: { access: 'public', operational: true } } as const

/**
 * /health/live: the process runs. /health/ready: send it requests, or (503) do not; it says so while closing, before
 * the first connection is refused.
 */
export function reportHealth(app: App, ctx: Needs<'pool' | 'redis'>, isClosing: () => boolean): void {
  app.get('/health/live', operational, (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'live', uptime_seconds: Math.floor(process.uptime()) }),
  )
  app.get('/health/ready', operational, async (_request, reply) => {
    const health = await readiness(ctx, isClosing())
    const usable = health.status === 'ready' || health.status === 'degraded'
    return reply
      .code(usable ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(health)
  })
}
