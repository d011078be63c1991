import type { App } from '../../http/app-type.ts'
import { limits } from '../../http/limits.ts'
import { signedIn } from '../../http/signed-in.ts'
import { tidyCredentials } from '../../http/tidy-credentials.ts'
import { problems, refTo } from '../../lib/schemas.ts'
import { logIn } from './login.service.ts'
import { Credentials, NewAccount } from './registration.schemas.ts'
import { keyOfEmail, register } from './registration.service.ts'
import { SignedIn } from './session.schemas.ts'

const accountLimit = { policy: limits.sign_in, keyOf: keyOfEmail }

export function registrationRoutes(app: App): void {
  app.post(
    '/auth/register',
    {
      config: { access: 'public', rateLimit: limits.registration, accountLimit },
      preValidation: tidyCredentials,
      schema: {
        operationId: 'registerAccount',
        tags: ['Auth'],
        summary: 'Open an account and sign in',
        description:
          'Sends an e-mail with a link that verifies the address. One address opens one account, however it is written: ' +
          'case, and the dots or `+tag` that its provider ignores, make no other.',
        body: NewAccount,
        response: { 201: refTo(SignedIn), ...problems(400, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const { cookie = false, ...account } = request.body
      const opened = await register(request.ctx, account)
      return reply
        .code(201)
        .header('location', `/api/v1/users/${opened.user.id}`)
        .send(signedIn(request, reply, opened, cookie))
    },
  )

  app.post(
    '/auth/login',
    {
      config: { access: 'public', rateLimit: limits.credentials, accountLimit },
      preValidation: tidyCredentials,
      schema: {
        operationId: 'logIn',
        tags: ['Auth'],
        summary: 'Sign in',
        description:
          'An address without an account and a wrong password are answered alike (401 `wrong_credentials`). After five ' +
          'failures for an address, whether or not it has an account, nobody signs in with it for 15 minutes (423 ' +
          '`account_locked`); of more than five attempts at once, the others are asked to come again in a second (429 with ' +
          '`Retry-After: 1`). That an account is suspended is told only with its right password (403).',
        body: Credentials,
        response: { 200: refTo(SignedIn), ...problems(400, 413, 415, 422, 423) },
      },
    },
    async (request, reply) => {
      const { cookie = false, ...credentials } = request.body
      return signedIn(request, reply, await logIn(request.ctx, credentials), cookie)
    },
  )
}
