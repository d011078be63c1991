import { type AppOptions, buildApp } from '../../src/app.ts'
import type { OpenedContext } from '../../src/context.ts'
import type { App } from '../../src/http/app-type.ts'
import { listen } from './live-client.ts'
import { type Services, severalProcesses } from './several-processes.ts'

/** An API as a process of its own would be: its own connections, its own port. */
export interface LiveProcess {
  readonly ctx: OpenedContext
  readonly app: App
  readonly url: string
}

export interface LiveProcesses {
  readonly services: Services
  /** @param urls where it finds its services, if by another way than the others */
  start(live?: AppOptions['live'], urls?: Parameters<Services['open']>[0]): Promise<LiveProcess>
  stop(): Promise<void>
}

/** Several APIs over one database, and one Redis when the tests run with one. */
export async function liveProcesses(): Promise<LiveProcesses> {
  const services = await severalProcesses()
  const apps: App[] = []
  return {
    services,
    async start(live, urls) {
      const ctx = await services.open(urls)
      const app = await buildApp(ctx, {
        overload: { note: () => {}, isOverloaded: () => false },
        ...(live ? { live } : {}),
      })
      apps.push(app)
      return { ctx, app, url: await listen(app) }
    },
    async stop() {
      await Promise.all(apps.map((app) => app.close()))
      await services.stop()
    },
  }
}
