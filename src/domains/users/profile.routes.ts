import { actorOf } from '../../http/access.ts'
import type { App } from '../../http/app-type.ts'
import { forReader, sendBody } from '../../http/send-body.ts'
import { tidyBody } from '../../http/tidy-body.ts'
import { addSchemas, notModified, problems, refTo } from '../../lib/schemas.ts'
import { OwnProfile, ProfilePatch, profileSchemas, UserParams, UserProfile } from './profile.schemas.ts'
import { changeProfile, openOwnProfile, openProfile } from './profile.service.ts'

const tags = ['Users']
const ownConfig = { access: 'user' } as const

/** Nobody but who asked may keep it, not even their own browser, which others may use after them. */
const ownCacheControl = 'private, no-store'

export function profileRoutes(app: App): void {
  addSchemas(app, profileSchemas)

  app.get(
    '/users/profile',
    {
      config: ownConfig,
      schema: {
        operationId: 'getOwnProfile',
        tags,
        summary: 'One’s own profile',
        response: { 200: refTo(OwnProfile), ...problems(403, 404) },
      },
    },
    async (request, reply) => {
      const profile = await openOwnProfile(request.ctx, actorOf(request).id)
      return reply.header('cache-control', ownCacheControl).send(profile)
    },
  )

  app.put(
    '/users/profile',
    {
      config: ownConfig,
      preValidation: tidyBody,
      schema: {
        operationId: 'updateOwnProfile',
        tags,
        summary: 'Change one’s own profile',
        description:
          'What is left out stays, null clears. The avatar is an image that was uploaded here; an address elsewhere is ' +
          'refused.',
        body: ProfilePatch,
        response: { 200: refTo(OwnProfile), ...problems(400, 403, 404, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const profile = await changeProfile(request.ctx, actorOf(request), request.body)
      return reply.header('cache-control', ownCacheControl).send(profile)
    },
  )

  app.get(
    '/users/:user_id',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getUser',
        tags,
        summary: 'A profile',
        description:
          'Never with the e-mail address. 404 for an account that was erased, is suspended, or is out of your sight.',
        params: UserParams,
        response: { 200: refTo(UserProfile), ...notModified, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const profile = await openProfile(request.ctx, request.params.user_id, request.actor?.id)
      // Kept, and asked about each time: what is suspended or erased is gone for everybody at once.
      return sendBody(request, reply, profile, forReader(request, reply, 'public, no-cache'))
    },
  )
}
