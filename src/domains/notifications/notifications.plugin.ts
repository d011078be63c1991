import type { App } from '../../http/app-type.ts'
import type { LivePolicy } from '../../http/live-policy.ts'
import type { LiveCtx } from '../../http/live-server.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { liveRoutes } from './live.routes.ts'

export interface NotificationsOptions {
  readonly ctx: LiveCtx
  readonly live?: Partial<LivePolicy> | undefined
}

/** What a person is told of. */
export async function notificationsPlugin(app: App, { ctx, live }: NotificationsOptions): Promise<void> {
  addSchemas(app, sharedSchemas)
  liveRoutes(app, ctx, live)
}
