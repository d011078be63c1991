import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { loadConfig } from '../../src/config.ts'
import { privateDir } from '../project-database.ts'
import { freePort } from '../services/processes.ts'

export type Environment = Record<string, string | undefined>

/** A start that can't go on, in words for whoever started it. */
export class StartError extends Error {
  override name = 'StartError'
}

/**
 * The environment of the API and the worker: the given one, and for local use what it lacks, which is a secret kept under
 * .data/ and DEMO. In production nothing is made up, so what is missing there is told.
 * @throws ConfigError, before anything is started, for whatever else is wrong
 */
export async function localEnvironment(given: Environment, port: string | undefined): Promise<Environment> {
  const env: Environment = { ...given, ...(port !== undefined && { PORT: port }) }
  if (env.NODE_ENV !== 'production') {
    env.DEMO ||= 'on'
    env.JWT_SECRET ||= await localSecret()
  }
  const isPrivate = !env.DATABASE_URL && env.NODE_ENV !== 'production'
  const config = loadConfig(isPrivate ? { ...env, DATABASE_URL: 'postgres://to-be-started' } : env)
  // Known here, so that it can be told and waited for.
  env.PORT = String(config.PORT === 0 ? await freePort() : config.PORT)
  env.HOST = config.HOST
  return env
}

async function localSecret(): Promise<string> {
  const file = path.join(privateDir, 'jwt-secret')
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (kept.trim().length >= 32) return kept.trim()
  const secret = randomBytes(32).toString('base64url')
  await mkdir(privateDir, { recursive: true })
  await writeFile(file, `${secret}\n`, { mode: 0o600 })
  return secret
}

/** @throws StartError when nobody can listen there, which says how to choose another port */
export async function assertPortFree(host: string, port: number) {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const other = await freePort()
    const choose = `choose another, such as PORT=${other} npm start (or npm start -- --port ${other})`
    if (code === 'EADDRINUSE') throw new StartError(`Port ${port} is taken by another program: ${choose}`)
    if (code === 'EACCES') throw new StartError(`Port ${port} is not yours to listen on: ${choose}`)
    throw new StartError(
      `Nobody can listen on ${host}, port ${port} (${code}): set HOST and PORT to an address of this machine`,
    )
  }
  await new Promise((resolve) => server.close(resolve))
}
