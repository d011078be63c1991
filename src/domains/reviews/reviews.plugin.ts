import type { App } from '../../http/app-type.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { reviewRoutes } from './review.routes.ts'
import { reviewListRoutes } from './review-list.routes.ts'
import { voteRoutes } from './vote.routes.ts'

/** Reviews and the votes on them. */
export async function reviewsPlugin(app: App): Promise<void> {
  addSchemas(app, sharedSchemas)
  reviewRoutes(app)
  reviewListRoutes(app)
  voteRoutes(app)
}
