import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { limits } from '../../http/limits.ts'
import { addSchemas, problems, refTo } from '../../lib/schemas.ts'
import { EmailVerified, VerifyEmailParams } from './email-verification.schemas.ts'
import { resendVerification, verifyEmail } from './email-verification.service.ts'
import { MailOnItsWay } from './password.schemas.ts'

const tags = ['Auth']
const rateLimit = limits.credentials

export function emailVerificationRoutes(app: App): void {
  addSchemas(app, [EmailVerified, MailOnItsWay])
  app.get(
    '/auth/verify-email/:token',
    {
      config: { access: 'public', rateLimit },
      schema: {
        operationId: 'verifyEmail',
        tags,
        summary: 'Verify an e-mail address by the token of a link',
        description: 'Counts from the next request on. The same link may be followed twice, while it has not expired.',
        params: VerifyEmailParams,
        response: { 200: refTo(EmailVerified), ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return verifyEmail(request.ctx, request.params.token)
    },
  )

  app.post(
    '/auth/verify-email/resend',
    {
      config: { access: 'user', rateLimit },
      schema: {
        operationId: 'resendVerification',
        tags,
        summary: 'Have the link that verifies the e-mail address sent again',
        response: { 202: refTo(MailOnItsWay), ...problems(409, 422) },
      },
    },
    async (request, reply) => {
      await resendVerification(request.ctx, actorOf(request))
      return reply.code(202).send({ message: 'A mail is on its way.' })
    },
  )
}
