import cookie from '@fastify/cookie'
import type { App } from '../../http/app-type.ts'
import { addSchemas, sharedSchemas } from '../../lib/schemas.ts'
import { emailVerificationRoutes } from './email-verification.routes.ts'
import { passwordRoutes } from './password.routes.ts'
import { registrationRoutes } from './registration.routes.ts'
import { sessionRoutes } from './session.routes.ts'

/** Registration, sessions and passwords. Cookies are read here alone. */
export async function authPlugin(app: App): Promise<void> {
  await app.register(cookie)
  addSchemas(app, sharedSchemas)
  sessionRoutes(app)
  registrationRoutes(app)
  passwordRoutes(app)
  emailVerificationRoutes(app)
}
