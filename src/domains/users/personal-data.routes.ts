import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { limits } from '../../http/limits.ts'
import { sendJsonStream } from '../../http/send-json-stream.ts'
import { tidyCredentials } from '../../http/tidy-credentials.ts'
import { deleted, problems } from '../../lib/schemas.ts'
import { ErasureBody, ErasureQuery, personalDataWith } from './personal-data.schemas.ts'
import { type AccountParts, erasePersonalData, exportPersonalData } from './personal-data.service.ts'

const tags = ['Users']

/** Milliseconds that an export may take: most of them go by while its reader takes it in. */
const exportTimeout = 10 * 60_000

/** Milliseconds that an erasure may take: that of an account with hundreds of thousands of followers. */
const erasureTimeout = 5 * 60_000

/** A person's rights over their data. */
export function personalDataRoutes(app: App, parts: AccountParts): void {
  app.get(
    '/users/profile/export',
    {
      config: { access: 'user', rateLimit: limits.export },
      handlerTimeout: exportTimeout,
      // Answering HEAD would make all of it for nothing.
      exposeHeadRoute: false,
      schema: {
        operationId: 'exportOwnData',
        tags,
        summary: 'Everything personal, as JSON',
        description:
          'However much it is, it comes in this one answer, which is made while it is sent. An answer that is cut off was ' +
          'not all: ask again.',
        response: { 200: personalDataWith(parts), ...problems(403, 404) },
      },
    },
    async (request, reply) => {
      const text = await exportPersonalData(request.ctx, actorOf(request).id, parts)
      return sendJsonStream(reply, text, 'lemonnpie-personal-data.json')
    },
  )

  app.delete(
    '/users/profile',
    {
      config: { access: 'user', rateLimit: limits.account },
      handlerTimeout: erasureTimeout,
      preValidation: tidyCredentials,
      schema: {
        operationId: 'eraseOwnAccount',
        tags,
        summary: 'Erase one’s own account',
        description:
          'At once and for good: the account, its e-mail address, its sessions and all that hangs on it. Reviews stay, under ' +
          'nobody’s name, or go with it. A wrong password is a 403 `wrong_password`, and counts to the limit; the last ' +
          'admin is refused with 409 `last_admin`.',
        querystring: ErasureQuery,
        body: ErasureBody,
        response: { ...deleted, ...problems(400, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      await erasePersonalData(request.ctx, actorOf(request), { ...request.body, ...request.query }, parts)
      return reply.code(204).header('cache-control', 'no-store').send(null)
    },
  )
}
