import type { App } from '../../http/app-type.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { genreRoutes } from './genre.routes.ts'
import { metaRoutes } from './meta.routes.ts'
import { movieRoutes } from './movie.routes.ts'
import { movieWriteRoutes } from './movie-write.routes.ts'
import { personRoutes } from './person.routes.ts'

/** Titles, people, genres and languages. */
export async function catalogPlugin(app: App): Promise<void> {
  addSchemas(app, sharedSchemas)
  movieRoutes(app)
  movieWriteRoutes(app)
  personRoutes(app)
  genreRoutes(app)
  metaRoutes(app)
}
