import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { openContext } from '../src/context.ts'
import type { App } from '../src/http/app-type.ts'

/** What is made of the app as it is declared; it needs no database and asks none. */
export async function withApp<T>(use: (app: App) => T): Promise<T> {
  // Nothing listens at port 1, and nothing is asked there: the context connects on first use.
  const config = loadConfig({ DATABASE_URL: 'postgres://127.0.0.1:1/none', LOG_LEVEL: 'silent' })
  await using ctx = await openContext(config, 'lemonnpie-openapi')
  const app = await buildApp(ctx)
  try {
    await app.ready()
    return use(app)
  } finally {
    await app.close()
  }
}

/** The OpenAPI document as text, from the routes that the app declares. */
export const openApiDocument = (): Promise<string> => withApp((app) => `${JSON.stringify(app.swagger(), null, 2)}\n`)
