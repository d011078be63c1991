import type { App } from '../../http/app-type.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { announcementRoutes } from './announcement.routes.ts'
import { notificationRoutes } from './notification.routes.ts'
import { preferenceRoutes, unsubscribeRoutes } from './preference.routes.ts'
import { pushSubscriptionRoutes } from './push-subscription.routes.ts'

/** What people are told, and how they want to be. */
export async function notificationsPlugin(app: App): Promise<void> {
  addSchemas(app, sharedSchemas)
  notificationRoutes(app)
  preferenceRoutes(app)
  pushSubscriptionRoutes(app)
  announcementRoutes(app)
  // Its parser of forms is for these alone.
  await app.register(async (forms) => unsubscribeRoutes(forms as unknown as App))
}
