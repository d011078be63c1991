import type { App } from '../../http/app-type.ts'
import type { LivePolicy } from '../../http/live-policy.ts'
import type { LiveCtx } from '../../http/live-server.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { announcementRoutes } from './announcement.routes.ts'
import { liveRoutes } from './live.routes.ts'
import { notificationRoutes } from './notification.routes.ts'
import { preferenceRoutes, unsubscribeRoutes } from './preference.routes.ts'
import { pushSubscriptionRoutes } from './push-subscription.routes.ts'

export interface NotificationsOptions {
  readonly ctx: LiveCtx
  readonly live?: Partial<LivePolicy> | undefined
}

/** What people are told, and how they want to be. */
export async function notificationsPlugin(app: App, { ctx, live }: NotificationsOptions): Promise<void> {
  addSchemas(app, sharedSchemas)
  notificationRoutes(app)
  preferenceRoutes(app)
  pushSubscriptionRoutes(app)
  announcementRoutes(app)
  // Its parser of forms is for these alone.
  await app.register(async (forms) => unsubscribeRoutes(forms as unknown as App))
  liveRoutes(app, ctx, live)
}
