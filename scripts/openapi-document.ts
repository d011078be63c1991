import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { openContext } from '../src/context.ts'

/** The OpenAPI document as text, from the routes that the app declares; it needs no database and asks none. */
export async function openApiDocument(): Promise<string> {
  // Nothing listens at port 1, and nothing is asked there: the context connects on first use.
  const config = loadConfig({ DATABASE_URL: 'postgres://127.0.0.1:1/none', LOG_LEVEL: 'silent' })
  await using ctx = await openContext(config, 'lemonnpie-openapi')
  const app = await buildApp(ctx)
  try {
    await app.ready()
    return `${JSON.stringify(app.swagger(), null, 2)}\n`
  } finally {
    await app.close()
  }
}
