import type { App } from '../../http/app-type.ts'
import type { AccountPart } from '../../infra/account-parts.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { personalDataRoutes } from './personal-data.routes.ts'
import { profileRoutes } from './profile.routes.ts'

export interface UsersOptions {
  /** What every other domain holds of a person. */
  readonly accountParts: readonly AccountPart[]
}

/** Profiles, and what a person may do with their own data. */
export async function usersPlugin(app: App, { accountParts }: UsersOptions): Promise<void> {
  addSchemas(app, sharedSchemas)
  profileRoutes(app)
  personalDataRoutes(app, accountParts)
}
