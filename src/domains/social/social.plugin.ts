import type { App } from '../../http/app-type.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { blockRoutes } from './block.routes.ts'
import { feedRoutes } from './feed.routes.ts'
import { followRoutes } from './follow.routes.ts'
import { listPrivacyRoutes } from './list-privacy.routes.ts'
import { statisticsRoutes } from './statistics.routes.ts'
import { titleListRoutes } from './title-list.routes.ts'
import { watchedRoutes } from './watched.routes.ts'

/** Following and blocking, the lists that a viewer keeps, and the feed. */
export async function socialPlugin(app: App): Promise<void> {
  addSchemas(app, sharedSchemas)
  followRoutes(app)
  blockRoutes(app)
  titleListRoutes(app)
  watchedRoutes(app)
  listPrivacyRoutes(app)
  feedRoutes(app)
  statisticsRoutes(app)
}
