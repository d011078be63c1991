import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Services, severalProcesses } from '../support/several-processes.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const root = path.join(import.meta.dirname, '..', '..')

let services: Services
beforeAll(async () => {
  services = await severalProcesses()
})
afterAll(() => services.stop())

/** Opens everything that a process may hold, in a process of its own, and closes it; answers with what it printed. */
async function useAndClose(env: Record<string, string | undefined>): Promise<string> {
  const script = `
    import { loadConfig, processEnvironment } from './src/config.ts'
    import { openContext } from './src/context.ts'
    import { sql } from 'kysely'
    const ctx = await openContext(loadConfig(processEnvironment()), 'closing')
    await sql\`select 1\`.execute(ctx.db).catch(() => {})
    await ctx.hot.query({ name: 'one', text: 'select 1 as one' }, []).catch(() => {})
    await ctx.cache.remember({ family: 'movie', id: '1', ttlSeconds: 60 }, async () => 1)
    await ctx.cache.forget({ family: 'movie', id: '1' })
    await ctx[Symbol.asyncDispose]()
    console.log('closed')`
  // With anything left open it would stay, be killed, and this would throw.
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    env: { LOG_LEVEL: 'silent', ...env },
    timeout: 15_000,
  })
  return stdout.trim()
}

it('lets the process end', async () => {
  const env = { DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl }
  expect(await useAndClose(env)).toBe('closed')
})

it('lets the process end when the services are away', async () => {
  const gone = await startTcpProxy(services.redisUrl ?? services.databaseUrl)
  await gone.stop()
  const env = services.redisUrl
    ? { DATABASE_URL: services.databaseUrl, REDIS_URL: gone.url }
    : { DATABASE_URL: gone.url }
  expect(await useAndClose(env)).toBe('closed')
})
