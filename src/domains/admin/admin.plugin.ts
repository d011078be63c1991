import cookie from '@fastify/cookie'
import type { App } from '../../http/app-type.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { jobRoutes } from './job.routes.ts'
import { jobBoardPages, jobBoardRoutes } from './job-board.routes.ts'

/** What only administrators do. */
export async function adminPlugin(app: App): Promise<void> {
  await app.register(cookie)
  addSchemas(app, sharedSchemas)
  jobRoutes(app)
  jobBoardRoutes(app)
}

/** The board of the job queues, which is no part of the API and stands at the root. */
export async function adminPagesPlugin(app: App): Promise<void> {
  await app.register(cookie)
  jobBoardPages(app)
}
