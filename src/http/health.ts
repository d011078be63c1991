import type { Needs } from '../context.ts'
import type { App } from './app-type.ts'

/** A dependency that has not answered after so many milliseconds counts as away. */
const patience = 2_000

interface DependencyHealth {
  readonly status: 'up' | 'down' | 'off'
  readonly latency_ms: number | null
}

interface Readiness {
  readonly status: 'ready' | 'degraded' | 'unavailable' | 'closing'
  readonly dependencies: {
    readonly postgres: DependencyHealth
    /** Where public reads go, when that is another database; without it they go to the first. */
    readonly replica: DependencyHealth
    readonly redis: DependencyHealth
    /** The Redis of the job queues; off where they live in Postgres. */
    readonly queues: DependencyHealth
  }
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

/** How long an answer is given to whoever else asks: /health/ready is open to everybody. */
const sharedMilliseconds = 1_000

/** Makes one answer serve everybody who asks within some milliseconds of its asking. */
export function shared<T>(
  ask: () => Promise<T>,
  milliseconds: number,
  now = () => performance.now(),
): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly at: number } | undefined
  return () => {
    if (last === undefined || now() - last.at >= milliseconds) last = { answer: ask(), at: now() }
    return last.answer
  }
}

/** How each dependency is. The databases are asked over connections that nothing else waits for. */
async function askDependencies({ probes, redis }: Needs<'probes' | 'redis'>): Promise<Readiness['dependencies']> {
  const { postgres: main, replica: other, queues: jobs } = probes
  const [postgres, replica, cache, queues] = await Promise.all([
    probe(() => main.query('/* ready */ select 1')),
    other ? probe(() => other.query('/* ready */ select 1')) : off,
    redis ? probe(() => redis.ping()) : off,
    jobs ? probe(() => jobs.ping()) : off,
  ])
  return { postgres, replica, redis: cache, queues }
}

/**
 * Whether the service can do its work: not without its database. Without its replica or Redis it is only slower, and
 * without that of the queues what is to be done later waits in the outbox.
 */
function statusOf({ postgres, ...others }: Readiness['dependencies'], closing: boolean): Readiness['status'] {
  if (closing) return 'closing'
  if (postgres.status !== 'up') return 'unavailable'
  return Object.values(others).some(({ status }) => status === 'down') ? 'degraded' : 'ready'
}

const operational = { config: { access: 'public', operational: true } } as const

/**
 * /health/live: the process runs. /health/ready: send it requests, or (503) do not; it says so while closing, before
 * the first connection is refused.
 */
export function reportHealth(app: App, ctx: Needs<'probes' | 'redis'>, isClosing: () => boolean): void {
  const dependenciesNow = shared(() => askDependencies(ctx), sharedMilliseconds)
  app.get('/health/live', operational, (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'live', uptime_seconds: Math.floor(process.uptime()) }),
  )
  app.get('/health/ready', operational, async (_request, reply) => {
    const dependencies = await dependenciesNow()
    const status = statusOf(dependencies, isClosing())
    const usable = status === 'ready' || status === 'degraded'
    return reply
      .code(usable ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status, dependencies } satisfies Readiness)
  })
}
