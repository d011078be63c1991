import type { App } from '../../http/app-type.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { heldTitleRoutes } from './held-title.routes.ts'
import { queueRoutes } from './queue.routes.ts'
import { removalRoutes } from './removal.routes.ts'
import { reportRoutes } from './report.routes.ts'
import { wordRoutes } from './word.routes.ts'

/** Reports, the moderation queue, held scores and the word list. */
export async function moderationPlugin(app: App): Promise<void> {
  addSchemas(app, sharedSchemas)
  reportRoutes(app)
  queueRoutes(app)
  removalRoutes(app)
  heldTitleRoutes(app)
  wordRoutes(app)
}
