import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { limits } from '../../http/limits.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { tidyCredentials } from '../../http/tidy-credentials.ts'
import { addSchemas, deleted, problems, refTo } from '../../lib/schemas.ts'
import { ChangePassword, ForgotPassword, MailOnItsWay, ResetPassword } from './password.schemas.ts'
import { changePassword, forgetPassword, resetPassword } from './password.service.ts'
import { keyOfEmail } from './registration.service.ts'

const tags = ['Auth']
const rateLimit = limits.credentials

export function passwordRoutes(app: App): void {
  addSchemas(app, [MailOnItsWay])
  app.post(
    '/auth/forgot-password',
    {
      config: { access: 'public', rateLimit, accountLimit: { policy: limits.recovery, keyOf: keyOfEmail } },
      preValidation: tidyBody,
      schema: {
        operationId: 'requestPasswordReset',
        tags,
        summary: 'Ask for a link that sets a new password',
        description:
          'Always answers the same; the mail is sent if the address has an account. The link lives 30 minutes.',
        body: ForgotPassword,
        response: { 202: refTo(MailOnItsWay), ...problems(400, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      await forgetPassword(request.ctx, request.body)
      return reply.code(202).send({ message: 'If the address has an account, a mail is on its way.' })
    },
  )

  app.post(
    '/auth/reset-password',
    {
      config: { access: 'public', rateLimit },
      preValidation: tidyCredentials,
      schema: {
        operationId: 'resetPassword',
        tags,
        summary: 'Set a new password by the token of a link',
        description:
          'Ends every session of the account, opens a lock and the limit of sign-ins, and verifies the address that the link was sent to.',
        body: ResetPassword,
        response: { ...deleted, ...problems(400, 404, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const emailKey = await resetPassword(request.ctx, request.body)
      await request.server.openAccountLimit(limits.sign_in, emailKey)
      return reply.code(204).send(null)
    },
  )

  app.put(
    '/auth/password',
    {
      config: { access: 'user', rateLimit: limits.account },
      preValidation: tidyCredentials,
      schema: {
        operationId: 'changePassword',
        tags,
        summary: 'Change the password',
        description: 'Ends every other session. Wrong present passwords count as failed sign-ins do (423).',
        body: ChangePassword,
        response: { ...deleted, ...problems(400, 413, 415, 422, 423) },
      },
    },
    async (request, reply) => {
      await changePassword(request.ctx, actorOf(request), request.body)
      return reply.code(204).send(null)
    },
  )
}
