// Started as a process of its own by tests that kill it.
import { startPostgres } from '../../scripts/services/postgres.ts'

const server = await startPostgres({ dataDir: process.argv[2] as string, durable: true })
process.send?.({ url: server.url, pid: server.pid })
process.once('SIGTERM', async () => {
  await server.stop()
  process.exit(0)
})
process.on('message', () => {}) // listening, it stays until it is ended
