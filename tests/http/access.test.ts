import { beforeAll, describe, expect, it } from 'vitest'
import { type Authenticate, actorOf } from '../../src/http/access.ts'
import type { App } from '../../src/http/app-type.ts'
import { type Actor, accessLevels, roles } from '../../src/lib/actor.ts'
import { Type } from '../../src/lib/typebox.ts'
import { actorWith, type TestContext, testApp, testContext } from '../support/context.ts'

let ctx: TestContext
beforeAll(async () => {
  ctx = await testContext()
  return () => ctx[Symbol.asyncDispose]()
})

const response = { 200: Type.Object({ id: Type.Union([Type.String(), Type.Null()]) }) }

/** A route for each level that says who asks. */
const routes = (app: App): void => {
  for (const access of accessLevels) {
    const schema = { operationId: `probe${access}`, response }
    app.get(`/probe/${access}`, { config: { access }, schema }, async (request) => ({ id: request.actor?.id ?? null }))
  }
  const schema = { operationId: 'probeActor', response }
  app.get('/probe/actor', { config: { access: 'public' }, schema }, async (request) => ({ id: actorOf(request).id }))
}

const appFor = (actor?: Actor) => testApp(ctx, actor ? { actor, routes } : { routes })

describe('who may enter', () => {
  const unverified = actorWith('user', { isVerified: false })
  const callers: [string, Actor | undefined][] = [
    ['nobody', undefined],
    ['an unverified user', unverified],
    ...roles.map((role): [string, Actor] => [`a ${role}`, actorWith(role)]),
  ]
  const expected: Record<string, number[]> = {
    // public, user, verified, critic, moderator, admin
    nobody: [200, 401, 401, 401, 401, 401],
    'an unverified user': [200, 200, 403, 403, 403, 403],
    'a user': [200, 200, 200, 403, 403, 403],
    'a critic': [200, 200, 200, 200, 403, 403],
    'a moderator': [200, 200, 200, 200, 200, 403],
    'a admin': [200, 200, 200, 200, 200, 200],
  }

  it.each(callers)('is right for %s', async (name, actor) => {
    const app = await appFor(actor)
    const statuses = []
    for (const access of accessLevels) statuses.push((await app.inject(`/probe/${access}`)).statusCode)
    expect(statuses).toEqual(expected[name])
  })

  it('is told why not', async () => {
    const codes = async (actor: Actor | undefined, access: string) =>
      (await (await appFor(actor)).inject(`/probe/${access}`)).json().error
    expect(await codes(undefined, 'user')).toBe('unauthorized')
    expect(await codes(unverified, 'verified')).toBe('email_not_verified')
    expect(await codes(actorWith('user'), 'admin')).toBe('forbidden')
  })
})

describe('credentials', () => {
  const statusFor = async (authenticate: Authenticate, path = '/probe/public') =>
    (await (await testApp(ctx, { authenticate, routes })).inject(path)).statusCode

  it('that are no access token are a 401, on public routes too', async () => {
    const app = await appFor()
    for (const authorization of ['Bearer abc', 'Basic YTpi', 'nonsense', '']) {
      const answer = await app.inject({ url: '/probe/public', headers: { authorization } })
      expect(answer.statusCode).toBe(401)
      expect(answer.json().error).toBe('unauthorized')
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="lemonnpie", error="invalid_token"')
    }
  })

  it('are asked for with a challenge', async () => {
    const answer = await (await appFor()).inject('/probe/user')
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="lemonnpie"')
  })

  it('may be looked up in a while', async () => {
    expect(await statusFor(async () => actorWith('critic'), '/probe/critic')).toBe(200)
    expect(await statusFor(async () => null, '/probe/critic')).toBe(401)
  })

  it('are a fault of ours when looking them up fails', async () => {
    expect(await statusFor(() => Promise.reject(new Error('no way to know')))).toBe(500)
    expect(
      await statusFor(() => {
        throw new Error('no way to know')
      }),
    ).toBe(500)
  })

  it('are not looked at for operators', async () => {
    const answer = await (await appFor()).inject({ url: '/health/live', headers: { authorization: 'Bearer abc' } })
    expect(answer.statusCode).toBe(200)
  })
})

describe('actorOf', () => {
  it('gives who asks, and refuses nobody', async () => {
    const actor = actorWith('user')
    expect((await (await appFor(actor)).inject('/probe/actor')).json()).toEqual({ id: actor.id })
    expect((await (await appFor()).inject('/probe/actor')).statusCode).toBe(401)
  })
})
