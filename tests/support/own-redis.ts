import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startRedis } from '../../scripts/services/redis.ts'

/** How long a Redis that is there has to answer in tests, by the environment: they are not about a busy processor. */
export const patience = { REDIS_TIMEOUT_MS: '5000' }

/**
 * A Redis of the caller's own: keys could be kept apart in one server, but what is published reaches everybody on it.
 * Whoever asked stops it. Persistent, it is fit for job queues.
 */
export async function ownRedis({ persistent = false } = {}): Promise<{ url: string; stop: () => Promise<void> }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-redis-'))
  const server = await startRedis({ dataDir, persistent })
  return {
    url: server.url,
    stop: async () => {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
