import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'
import { actorOfUser, makeUser } from '../../support/user-factory.ts'

let ctx: TestContext
let app: App

beforeAll(async () => {
  ctx = await testContext({ env: { CLOUDINARY_URL: 'cloudinary://key:secret@lemonnpie' } })
  app = await testApp(ctx)
  return () => ctx[Symbol.asyncDispose]()
})

type User = Awaited<ReturnType<typeof makeUser>>
const appOf = (user: User, context = ctx) => testApp(context, { actor: actorOfUser(user) })
const publicProfile = (id: string, headers: Record<string, string> = {}) =>
  app.inject({ url: `/api/v1/users/${id}`, headers })
const own = async (on: App) => on.inject('/api/v1/users/profile')
const change = (on: App, payload: object) => on.inject({ method: 'PUT', url: '/api/v1/users/profile', payload })
const rowOf = (id: string) => ctx.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const wrongFields = async (on: App, payload: object): Promise<string[]> => {
  const answer = await change(on, payload)
  expect(answer.statusCode, answer.body).toBe(422)
  return answer.json().details.map(({ field }: { field: string }) => field)
}

const noStats = {
  total_reviews: 0,
  average_rating: null,
  followers_count: 0,
  following_count: 0,
  movies_watched: 0,
}

/** Where the store has an avatar of an account, of the cloud that this test's CLOUDINARY_URL names. */
const avatarOf = ({ id }: { readonly id: string }, { version = '', name = 'a.jpg' } = {}) =>
  `https://res.cloudinary.com/lemonnpie/image/upload/${version}lemonnpie/avatars/${id}/${name}`

describe('a profile', () => {
  it('shows everybody what they may know, and no more', async () => {
    const user = await makeUser(ctx.db, { bio: 'Old Nollywood first.', location: 'Lagos', role: 'critic' })
    const answer = await publicProfile(user.id)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({
      id: user.id,
      name: 'Adaeze Okafor',
      bio: 'Old Nollywood first.',
      location: 'Lagos',
      avatar_url: null,
      role: 'critic',
      created_at: user.created_at,
      stats: noStats,
      viewer: null,
    })
    expect(user.created_at).toMatch(/Z$/)
    expect(answer.body).not.toContain(user.email)
  })

  it('is kept by caches that ask again each time', async () => {
    const user = await makeUser(ctx.db)
    const first = await publicProfile(user.id)
    expect(first.headers['cache-control']).toBe('public, no-cache')
    const etag = String(first.headers.etag)
    const again = await publicProfile(user.id, { 'if-none-match': etag })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    await change(await appOf(user), { name: 'Adaeze O.' })
    const changed = await publicProfile(user.id, { 'if-none-match': etag })
    expect([changed.statusCode, changed.json().name]).toEqual([200, 'Adaeze O.'])
  })

  it('is found by its id in any case, and by nothing else', async () => {
    const { id } = await makeUser(ctx.db)
    expect((await publicProfile(id.toUpperCase())).json().id).toBe(id)
    const unknown = await publicProfile(randomUUID())
    expect([unknown.statusCode, unknown.json().error]).toEqual([404, 'not_found'])
    for (const name of ['adaeze', 'profile2', '1', `${id}x`]) {
      expect((await publicProfile(name)).statusCode).toBe(422)
    }
  })

  it('is not shown while its account is suspended', async () => {
    const now = sql<string>`now()`
    const open = await makeUser(ctx.db, { suspended_at: now })
    const later = await makeUser(ctx.db, { suspended_at: now, suspended_until: sql<string>`now() + interval '1 day'` })
    const over = await makeUser(ctx.db, {
      suspended_at: sql<string>`now() - interval '2 days'`,
      suspended_until: sql<string>`now() - interval '1 day'`,
    })
    for (const { id } of [open, later]) {
      const answer = await publicProfile(id)
      expect([answer.statusCode, answer.json().message]).toEqual([404, 'There is no such account.'])
    }
    expect((await publicProfile(over.id)).statusCode).toBe(200)
  })

  it('counts in the one query that reads it', async () => {
    await using counted = await testContext({ redis: 'off' })
    const { id } = await makeUser(counted.db)
    const counting = await testApp(counted)
    const queries = async () => {
      const { values } = await counted.metrics.queryDuration.get()
      return values
        .filter(({ metricName }) => metricName?.endsWith('_count'))
        .map(({ labels, value }) => [labels.query, value])
    }
    const before = await queries()
    await counting.inject(`/api/v1/users/${id}`)
    const after = await queries()
    expect(after.filter(([name]) => !before.some(([other]) => other === name))).toEqual([['findProfile', 1]])
  })
})

describe('one’s own profile', () => {
  it('has what only oneself may know, and is kept by nobody', async () => {
    const user = await makeUser(ctx.db, { email: 'Ada.Obi+films@gmail.com', email_key: 'adaobi@gmail.com' })
    const answer = await own(await appOf(user))
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('private, no-store')
    const everybodys = (await publicProfile(user.id)).json()
    expect(answer.json()).toEqual({
      ...everybodys,
      email: 'Ada.Obi+films@gmail.com',
      is_verified: true,
      updated_at: user.updated_at,
    })
  })

  it('needs an account', async () => {
    for (const answer of [await own(app), await change(app, { name: 'Eve' })]) {
      expect([answer.statusCode, answer.json().error]).toEqual([401, 'unauthorized'])
      expect(answer.headers['www-authenticate']).toContain('Bearer')
    }
  })

  it('is a 404 when the account is gone', async () => {
    const user = await makeUser(ctx.db)
    const on = await appOf(user)
    await ctx.db.deleteFrom('users').where('id', '=', user.id).execute()
    expect((await own(on)).statusCode).toBe(404)
    expect((await change(on, { name: 'Eve' })).statusCode).toBe(404)
  })
})

describe('changing a profile', () => {
  it('takes any of its fields, leaves the others, and clears by null', async () => {
    const user = await makeUser(ctx.db, { bio: 'Before', location: 'Enugu' })
    const on = await appOf(user)
    const avatar_url = avatarOf(user, { version: 'v1763700000/' })
    const first = await change(on, { name: 'Ada', avatar_url })
    expect(first.statusCode, first.body).toBe(200)
    expect(first.json()).toMatchObject({ name: 'Ada', bio: 'Before', location: 'Enugu', avatar_url })
    const second = await change(on, { bio: null, location: null, avatar_url: null })
    expect(second.json()).toMatchObject({ name: 'Ada', bio: null, location: null, avatar_url: null })
    expect(await rowOf(user.id)).toMatchObject({ name: 'Ada', bio: null, location: null, avatar_url: null })
    expect(second.json().updated_at > user.updated_at).toBe(true)
    expect(second.headers['cache-control']).toBe('private, no-store')
  })

  it('changes nobody else', async () => {
    const [user, other] = [await makeUser(ctx.db), await makeUser(ctx.db)]
    await change(await appOf(user), { name: 'Somebody' })
    expect(await rowOf(other.id)).toEqual(other)
  })

  it('is told to whoever reacts, once for a change and not for none', async () => {
    const user = await makeUser(ctx.db)
    const on = await appOf(user)
    expect((await change(on, {})).json()).toMatchObject({ name: user.name, updated_at: user.updated_at })
    await change(on, { bio: 'New' })
    const events = await ctx.db
      .selectFrom('outbox_events')
      .select('name')
      .where(sql`payload ->> 'user_id'`, '=', user.id)
      .execute()
    expect(events).toEqual([{ name: 'user.updated' }])
  })

  it('keeps texts composed and trimmed', async () => {
    const user = await makeUser(ctx.db)
    const answer = await change(await appOf(user), {
      name: '\u200B  Fu\u0301nke\u0301 \u00A0',
      bio: ' one\r\n\r\n\ttwo ',
      location: '\uFEFFÌkẹjà\u3000',
    })
    expect(answer.json()).toMatchObject({
      name: 'Fúnké',
      bio: 'one\n\n\ttwo',
      location: 'Ìkẹjà'.normalize('NFC'),
    })
  })

  it('takes every name that people have', async () => {
    const user = await makeUser(ctx.db)
    const on = await appOf(user)
    for (const name of ["Ɗan Mu'azu", 'Ọláwálé', 'Chịdị', 'د. عائشة', '李', 'X', '🍋', `${'é'.repeat(100)}`]) {
      const answer = await change(on, { name })
      expect([answer.statusCode, answer.json().name], name).toEqual([200, name.normalize('NFC')])
    }
  })

  it.each([
    ['nothing', ''],
    ['blanks', ' \n '],
    ['nothing to see', '\u200B\u200D\u2060'],
    ['fillers', '\u3164\u3164'],
    ['a control character', 'Ada\u0007'],
    ['NUL', 'Ada\u0000'],
    ['two lines', 'Ada\nObi'],
    ['an override of direction', 'Ada\u202Egnp.exe'],
    ['an isolate', 'Ada\u2067x'],
    ['half a surrogate pair', 'Ada\uD83C'],
    ['too much', 'x'.repeat(101)],
    ['a number', 7],
    ['null', null],
  ])('refuses %s as a name', async (_what, name) => {
    const user = await makeUser(ctx.db)
    expect(await wrongFields(await appOf(user), { name })).toContain('body.name')
    expect(await rowOf(user.id)).toEqual(user)
  })

  it('names every wrong field at once, and changes none', async () => {
    const user = await makeUser(ctx.db)
    const fields = await wrongFields(await appOf(user), {
      name: 'Ada',
      bio: 'x'.repeat(1_001),
      location: 'a\nb',
      role: 'admin',
      is_verified: true,
      email: 'other@example.com',
      id: randomUUID(),
      created_at: '2020-01-01T00:00:00Z',
    })
    expect(new Set(fields)).toEqual(
      new Set(['bio', 'location', 'role', 'is_verified', 'email', 'id', 'created_at'].map((name) => `body.${name}`)),
    )
    expect(await rowOf(user.id)).toEqual(user)
  })

  it.each([['[]'], ['null'], ['"name"'], ['{"__proto__":{"role":"admin"}}'], ['{"constructor":{}}']])(
    'refuses %s as a body',
    async (payload) => {
      const user = await makeUser(ctx.db)
      const answer = await (await appOf(user)).inject({
        method: 'PUT',
        url: '/api/v1/users/profile',
        headers: { 'content-type': 'application/json' },
        payload,
      })
      expect([400, 422]).toContain(answer.statusCode)
      expect(await rowOf(user.id)).toEqual(user)
    },
  )
})

describe('an avatar', () => {
  const somebody = { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11' }
  const ours = avatarOf(somebody)

  it.each([{}, { version: 'v1/' }, { name: 'A-1_z.webp' }, { name: 'x.avif' }])('is taken from %j', async (form) => {
    const user = await makeUser(ctx.db)
    const avatar_url = avatarOf(user, form)
    expect((await change(await appOf(user), { avatar_url })).json().avatar_url).toBe(avatar_url)
  })

  it.each([
    'image/upload/l_fetch:aHR0cHM6Ly9ldmlsLmV4YW1wbGU/',
    'image/upload/w_20000,h_20000/',
    'image/upload/v1/w_100/',
    'image/upload/v1/../',
    'image/upload/v1//',
    'image/upload/%76/',
    'image/upload/s--abcdefgh--/',
    'image/fetch/',
    'image/fetch/https://evil.example/',
    'image/private/',
    'image/upload',
    'video/upload/',
    '',
  ])('of one’s own is not taken by way of %s', async (way) => {
    const user = await makeUser(ctx.db)
    const avatar_url = `https://res.cloudinary.com/lemonnpie/${way}lemonnpie/avatars/${user.id}/a.jpg`
    expect(await wrongFields(await appOf(user), { avatar_url })).toEqual(['body.avatar_url'])
  })

  it.each([
    'a',
    'a.svg',
    'a.html',
    '.jpg',
    'a.b.jpg',
    'a/b.jpg',
    '../a.jpg',
    '%2e%2e.jpg',
    'a.jpg/l_x',
    'a.jpg?x',
    'a.jpg#x',
    'é.jpg',
    'a.JPG',
  ])('of one’s own is not taken under the name %s', async (name) => {
    const user = await makeUser(ctx.db)
    expect(await wrongFields(await appOf(user), { avatar_url: avatarOf(user, { name }) })).toEqual(['body.avatar_url'])
  })

  it('of somebody else’s is not taken', async () => {
    const [user, other] = [await makeUser(ctx.db), await makeUser(ctx.db)]
    expect(await wrongFields(await appOf(user), { avatar_url: avatarOf(other) })).toEqual(['body.avatar_url'])
    expect(await rowOf(user.id)).toEqual(user)
  })

  it.each([
    'https://evil.example/a.jpg',
    'http://res.cloudinary.com/lemonnpie/image/upload/a.jpg',
    'https://res.cloudinary.com/somebody/image/upload/a.jpg',
    'https://res.cloudinary.com/lemonnpie-evil/image/upload/a.jpg',
    'https://res.cloudinary.com.evil.example/lemonnpie/image/upload/a.jpg',
    'https://res.cloudinary.com@evil.example/lemonnpie/image/upload/a.jpg',
    'https://user:word@res.cloudinary.com/lemonnpie/image/upload/a.jpg',
    'https://res.cloudinary.com:8443/lemonnpie/image/upload/a.jpg',
    'https://res.cloudinary.com/lemonnpie/../somebody/image/upload/a.jpg',
    'https://res.cloudinary.com/lemonnpie/image/%2e%2e/%2e%2e/somebody/a.jpg',
    'https://res.cloudinary.com\\lemonnpie\\image\\upload\\a.jpg',
    'https://res.cloudinary.com/lemonnpie/raw/upload/a.html',
    'https://res.cloudinary.com/lemonnpie/image/upload/a.jpg',
    'https://res.cloudinary.com/lemonnpie/image/fetch/https://evil.example/a.jpg',
    `${ours}?visitor=1`,
    `${ours}#x`,
    `${ours}\u202E`,
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    '//res.cloudinary.com/lemonnpie/image/upload/a.jpg',
    'lemonnpie/image/upload/a.jpg',
    `https://res.cloudinary.com/lemonnpie/image/upload/${'a'.repeat(500)}.jpg`,
  ])('is not taken from %s', async (avatar_url) => {
    const user = await makeUser(ctx.db)
    expect(await wrongFields(await appOf(user), { name: 'New', avatar_url })).toEqual(['body.avatar_url'])
    expect(await rowOf(user.id)).toEqual(user)
  })

  it('can only be removed where there is no image store', async () => {
    await using without = await testContext({ redis: 'off' })
    const on = await appOf(await makeUser(without.db, { avatar_url: ours }), without)
    const refused = await change(on, { avatar_url: ours })
    expect(refused.json().details).toEqual([
      { field: 'body.avatar_url', message: 'can only be null here: this server has no image store' },
    ])
    expect((await change(on, { avatar_url: null })).json().avatar_url).toBeNull()
  })
})

describe('the paths of profiles', () => {
  it('do not collide', async () => {
    const user = await makeUser(ctx.db)
    const on = await appOf(user)
    expect((await own(on)).json().email).toBe(user.email)
    expect((await on.inject(`/api/v1/users/${user.id}`)).json()).not.toHaveProperty('email')
    const written = await on.inject({ method: 'PUT', url: `/api/v1/users/${user.id}`, payload: { name: 'Eve' } })
    expect([written.statusCode, written.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
    const patched = await on.inject({ method: 'PATCH', url: '/api/v1/users/profile', payload: {} })
    expect([patched.statusCode, patched.headers.allow]).toEqual([405, 'DELETE, GET, HEAD, OPTIONS, PUT'])
  })
})
