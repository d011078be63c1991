// Started as a process of its own by tests that kill it.
import { startRedis } from '../../scripts/services/redis.ts'

const server = await startRedis({ dataDir: process.argv[2] as string })
process.send?.({ pid: server.pid })
process.on('message', () => {}) // listening, it stays until it is ended
