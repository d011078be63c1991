import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../scripts/services/postgres.ts'
import { redisBinary } from '../../scripts/services/redis-binary.ts'
import { createTemplate } from './databases.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether the integration tests of this project run with a Redis or without. */
    mode: 'memory' | 'redis'
    /** The Postgres of this run, and the database in it that every test's own is cloned from. */
    postgres: { url: string; template: string }
  }
}

type Services = { users: number; postgres: ProvidedPostgres; stop: () => Promise<void> }
type ProvidedPostgres = { url: string; template: string }

// Each project loads this file anew, and they share one Postgres, so what is shared can't be kept in the module.
const shared = globalThis as unknown as { lemonnpieTestServices?: Promise<Services> }

/** Once per project that has tests to run: the first starts the run's Postgres, the last to finish stops it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.lemonnpieTestServices ??= startServices()
  const services = await shared.lemonnpieTestServices
  services.users += 1
  project.provide('postgres', services.postgres)
  // Fetched here, once, if it must be: test files that need a server of their own then find the program in its place.
  if (project.name === 'redis') await redisBinary(console.log)
  return async () => {
    services.users -= 1
    if (services.users === 0) await services.stop()
  }
}

async function startServices(): Promise<Services> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'lemonnpie-test-'))
  const removeData = () => rm(dataDir, { recursive: true, force: true })
  const server = await startPostgres({ dataDir, durable: false }).catch(async (error) => {
    await removeData()
    throw error
  })
  const stop = async () => {
    await server.stop()
    await removeData()
  }
  try {
    const template = await createTemplate(server.url)
    return { users: 0, postgres: { url: server.url, template }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
