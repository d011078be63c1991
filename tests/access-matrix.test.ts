import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../src/http/app-type.ts'
import { type Caller, callers, makeWorld, type World } from './support/access-callers.ts'
import { accessCases } from './support/access-cases.ts'
import { type Answer, type Asked, type Expectation, expectedOf, statusOf } from './support/access-rules.ts'
import { accessTable } from './support/access-table.ts'
import { type TestContext, testApp, testContext } from './support/context.ts'
import { rowPrinter } from './support/row-prints.ts'

let ctx: TestContext
let app: App
let kept: World
let rows: Awaited<ReturnType<typeof rowPrinter>>
beforeAll(async () => {
  ctx = await testContext()
  app = await testApp(ctx)
  kept = await makeWorld(ctx, app)
  rows = await rowPrinter(ctx.db)
  return () => ctx[Symbol.asyncDispose]()
})

type Method = NonNullable<InjectOptions['method']>
const partsOf = (route: string): [Method, string] => route.split(' ') as [Method, string]

const urlOf = (path: string, { params = {}, query }: Asked): string => {
  const url = path.replace(/:(\w+)|\*/g, (found, name: string | undefined) => {
    const value = params[name ?? '*']
    if (value === undefined) throw new Error(`the row of ${path} asks without ${found}`)
    return value
  })
  return query === undefined ? url : `${url}?${query}`
}

/** An answer in the words of the table. */
const answerOf = ({ statusCode, body }: LightMyRequestResponse): string => {
  if (statusCode < 400 || body === '') return String(statusCode)
  return `${statusCode} ${JSON.parse(body).error}`
}
const inWords = (answer: Answer): string =>
  typeof answer === 'number' ? String(answer) : `${statusOf[answer]} ${answer}`

const challenge = (caller: Caller): string =>
  caller === 'broken token' || caller === 'expired'
    ? 'Bearer realm="lemonnpie", error="invalid_token"'
    : 'Bearer realm="lemonnpie"'

const collect = async <T>(whom: readonly Caller[], of: (caller: Caller) => T | Promise<T>): Promise<Map<Caller, T>> =>
  new Map(await Promise.all(whom.map(async (caller) => [caller, await of(caller)] as const)))

const words = <T>(found: Map<Caller, T>, word: (value: T, caller: Caller) => string) =>
  Object.fromEntries([...found].map(([caller, value]) => [caller, word(value, caller)]))

type Send = (caller: Caller, as?: Method) => Promise<LightMyRequestResponse>
type Answers = Map<Caller, LightMyRequestResponse>

/** The requests of a row: one of each caller, all the same where nothing is written. */
async function requestsOf(route: string, { ask = () => ({}), apart }: Expectation) {
  const world = apart ? await makeWorld(ctx, app) : kept
  const [method, path] = partsOf(route)
  const one = method === 'GET' ? await ask(world, 'user') : undefined
  const asked = await collect(callers, (caller) => one ?? ask(world, caller))
  const send: Send = (caller, as = method) => {
    const { body, ...where } = asked.get(caller)!
    const headers = world.headersOf(caller)
    return app.inject({ method: as, url: urlOf(path, where), headers, ...(body ? { payload: body } : {}) })
  }
  return { world, send }
}

/** Asks as those who are to be refused: each is told why, and nothing changes. */
async function beRefused(send: Send, row: Expectation): Promise<Answers> {
  const whom = callers.filter((caller) => typeof expectedOf(row, caller) === 'string')
  const before = whom.length > 0 ? await rows.all() : {}
  const answers = await collect(whom, send)
  expect(words(answers, answerOf)).toEqual(words(answers, (_answer, caller) => inWords(expectedOf(row, caller))))
  for (const [caller, { statusCode, headers }] of answers) {
    expect(headers['www-authenticate'], caller).toBe(statusCode === 401 ? challenge(caller) : undefined)
  }
  if (whom.length > 0) expect(await rows.all(), 'what the refused have changed').toEqual(before)
  return answers
}

/** Asks as those who get through, `user` last. What is of `user` stays as it is when others ask for their own. */
async function getThrough(send: Send, row: Expectation, userId: string): Promise<Answers> {
  const whom = callers.filter((caller) => typeof expectedOf(row, caller) === 'number')
  const others = whom.filter((caller) => caller !== 'user')
  const isOwn = 'about' in row && row.about === 'own'
  const before = isOwn ? await rows.of(userId) : {}
  const answers = await collect(others, send)
  if (isOwn) expect(await rows.of(userId), 'what others have changed of what is somebody’s own').toEqual(before)
  if (whom.includes('user')) answers.set('user', await send('user'))
  expect(words(answers, answerOf)).toEqual(words(answers, (_answer, caller) => inWords(expectedOf(row, caller))))
  return answers
}

async function walk(route: string, row: Expectation): Promise<void> {
  const [method, url] = partsOf(route)
  const { world, send } = await requestsOf(route, row)
  const refused = await beRefused(send, row)
  const isToWrite = method !== 'GET' && refused.size < callers.length && !row.changesNothing
  const before = isToWrite ? await rows.all() : {}
  const answers = await getThrough(send, row, world.user.id)
  // Else that the refused changed nothing would prove nothing: by this request nobody does.
  if (isToWrite) expect(await rows.all(), 'what those have changed who may').not.toEqual(before)
  if (method === 'GET' && row.least !== 'operational') {
    const unsaid = [...refused, ...answers].filter(([, { headers }]) => headers['cache-control'] === undefined)
    expect(
      unsaid.map(([caller]) => caller),
      'who is not told what may be kept',
    ).toEqual([])
  }
  if (row.shows) {
    const text = row.shows.what(world)
    const shown = [...refused, ...answers].filter(([, { body }]) => body.includes(text)).map(([caller]) => caller)
    expect(shown.sort(), 'who is shown it').toEqual([...row.shows.to].sort())
  }
  if (method === 'GET' && app.hasRoute({ method: 'HEAD', url })) {
    const heads = await collect(callers, (caller) => send(caller, 'HEAD'))
    const wanted = words(heads, (_head, caller) => inWords(expectedOf(row, caller)).slice(0, 3))
    expect(
      words(heads, ({ statusCode }) => String(statusCode)),
      'HEAD',
    ).toEqual(wanted)
  }
}

describe('the table of who may what', () => {
  it('has a row for every registered route', () => {
    const registered = app.routeTable.flatMap(({ method, url }) =>
      // HEAD is walked with its GET.
      [method].flat().map((one) => `${one === 'HEAD' ? 'GET' : one} ${url}`),
    )
    expect(registered.length).toBeGreaterThan(100)
    const missing = [...new Set(registered)].filter((route) => !(route in accessTable))
    expect(missing, 'routes for which tests/support/access-table.ts says nothing').toEqual([])
  })

  it('has no row without a route', () => {
    const isThere = (route: string) => {
      const [method, url] = partsOf(route)
      return app.hasRoute({ method: method as 'GET', url })
    }
    const stale = [...Object.keys(accessTable), ...accessCases.map(({ route }) => route)].filter(
      (route) => !isThere(route),
    )
    expect(stale, 'rows of tests/support/access-table.ts and access-cases.ts that have no route').toEqual([])
  })
})

describe('as everybody', () => {
  it.each(Object.entries(accessTable))('%s', walk)
})

describe('what is not everybody’s', () => {
  it.each(accessCases.map(({ what, route, expectation }) => [what, route, expectation] as const))(
    '%s: %s',
    (_what, route, expectation) => walk(route, expectation),
  )
})
