import { beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/http/app-type.ts'
import { type TestContext, testApp, testContext } from '../../support/context.ts'

let ctx: TestContext
let app: App
let meta: Record<string, unknown>
beforeAll(async () => {
  ctx = await testContext({ seeded: true })
  app = await testApp(ctx)
  meta = (await app.inject('/api/v1/meta')).json()
  return () => ctx[Symbol.asyncDispose]()
})

/** Enums that are no list of their own, by their values, and why. */
const exceptions: Readonly<Record<string, string>> = {
  Bearer: 'a constant of OAuth',
  'off on': 'the modes of every channel but e-mail: part of notification_modes',
  'director producer writer': 'the cast_roles of a crew',
  'approve reject': 'the moderation_decisions that a moderator takes by hand',
  'content_removed dismissed user_suspended user_warned': 'the report_resolutions that a moderator chooses',
}

/** A list, in whatever order. */
const valuesOf = (list: readonly unknown[]): string => [...list].map(String).sort().join(' ')

function enumsIn(node: unknown, found = new Set<string>()): Set<string> {
  if (typeof node !== 'object' || node === null) return found
  for (const [key, child] of Object.entries(node)) {
    if (key === 'enum' && Array.isArray(child)) found.add(valuesOf(child.filter((value) => value !== null)))
    else if (key !== 'example' && key !== 'examples') enumsIn(child, found)
  }
  return found
}

describe('the closed lists', () => {
  it('are all there: every enum that the API takes or answers', () => {
    const lists = Object.values(meta).flatMap((list) => (Array.isArray(list) ? [list] : []))
    const known = new Set(lists.map((list) => valuesOf(list.map((one) => one.code ?? one.name ?? one))))
    const enums = enumsIn(app.swagger())
    expect(enums.size).toBeGreaterThan(40)
    expect([...enums].filter((values) => !known.has(values) && !(values in exceptions))).toEqual([])
    expect(Object.keys(exceptions).filter((values) => !enums.has(values))).toEqual([])
  })

  it('say each what it is of, also where no operation takes it', () => {
    expect(meta).toMatchObject({
      notification_channels: ['in_app', 'realtime', 'email', 'web_push'],
      notification_modes: ['off', 'on', 'instant', 'daily'],
      title_lists: ['watchlist', 'favorites', 'watched'],
      privacy_levels: ['public', 'followers', 'private'],
      score_states: ['insufficient', 'held', 'normal'],
      report_resolutions: expect.arrayContaining(['dismissed', 'review_deleted']),
      activity_types: expect.arrayContaining(['reviewed', 'followed']),
      matched_fields: expect.arrayContaining(['title', 'director', 'plot']),
      notification_types: expect.arrayContaining(['new_follower', 'system']),
    })
  })
})
