import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { openContext } from '../src/context.ts'
import { collectPlans, explainSettings, type Plan } from './explain.ts'

/**
 * Asks for each path once, with nothing cached, and tells what Postgres did for it.
 * @returns path → the plans of its statements, nested ones included
 */
export async function explainPaths(databaseUrl: string, paths: readonly string[]): Promise<Map<string, Plan[]>> {
  const url = new URL(databaseUrl)
  url.searchParams.set('options', `-c TimeZone=UTC -c jit=off ${explainSettings}`)
  const config = loadConfig({ DATABASE_URL: url.href, RATE_LIMIT: 'off', LOG_LEVEL: 'error', DATABASE_POOL_MAX: '1' })
  await using ctx = await openContext(config, 'lemonnpie-bench')
  const plans = collectPlans(ctx.pool)
  const app = await buildApp(ctx)
  const byPath = new Map<string, Plan[]>()
  for (const path of paths) {
    plans.length = 0
    const response = await app.inject(path)
    if (response.statusCode >= 400) throw new Error(`${path} answered ${response.statusCode}: ${response.body}`)
    byPath.set(path, [...plans])
  }
  await app.close()
  return byPath
}
