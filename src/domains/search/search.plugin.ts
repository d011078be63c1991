import type { App } from '../../http/app-type.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { searchRoutes } from './search.routes.ts'
import { searchSchemas } from './search.schemas.ts'
import { suggestionSchemas } from './suggestion.schemas.ts'

/** Search and suggestions. */
export async function searchPlugin(app: App): Promise<void> {
  addSchemas(app, [...sharedSchemas, ...searchSchemas, ...suggestionSchemas])
  searchRoutes(app)
}
