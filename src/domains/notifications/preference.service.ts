import type { Needs } from '../../context.ts'
import type { Db } from '../../infra/db.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { type FieldProblem, validationError } from '../../lib/errors.ts'
import { unknownTimeZone } from './notification.errors.ts'
import { notificationTypes } from './notification.schemas.ts'
import { type Choice, clearMail, getChosen, upsertChoices, upsertSettings } from './preference.queries.ts'
import {
  type ChannelName,
  channelNames,
  defaultModes,
  defaultSettings,
  type NotificationPreferences,
  type PreferencesPatch,
} from './preference.schemas.ts'
import { lockCounters } from './write.queries.ts'

async function preferencesOf(db: Db, userId: string): Promise<NotificationPreferences> {
  const { time_zone, digest_hour, choices } = await getChosen(db, userId)
  const types = Object.fromEntries(
    Object.entries(defaultModes).map(([type, modes]): [string, Record<string, string>] => [type, { ...modes }]),
  )
  for (const { type, channel, mode } of choices) if (types[type]) types[type][channel] = mode
  return {
    time_zone: time_zone ?? defaultSettings.time_zone,
    digest_hour: digest_hour ?? defaultSettings.digest_hour,
    types: types as unknown as NotificationPreferences['types'],
  }
}

/** How somebody wants to be told, defaults included. */
export const getPreferences = (ctx: Needs<'db'>, actor: Actor): Promise<NotificationPreferences> =>
  preferencesOf(ctx.db, actor.id)

/** Postgres takes more for a time zone than the IANA names, such as `Africa/Lagos1`. */
function isNamed(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

/** What the operators have to say must be somewhere to be found. */
function checkChoices(choices: readonly Choice[]): void {
  const problems: FieldProblem[] = choices
    .filter(({ type, channel, mode }) => type === 'system' && channel === 'in_app' && mode === 'off')
    .map(() => ({ field: 'body.types.system.in_app', message: 'must be on' }))
  if (problems.length > 0) throw validationError({ details: problems })
}

/** Changes what the body names. @throws AppError 422 */
export function changePreferences(
  ctx: Needs<'db'>,
  actor: Actor,
  { time_zone, digest_hour, types = {} }: PreferencesPatch,
): Promise<NotificationPreferences> {
  if (time_zone !== undefined && !isNamed(time_zone)) throw unknownTimeZone()
  const choices = notificationTypes.flatMap((type) =>
    channelNames.flatMap((channel: ChannelName): Choice[] => {
      const mode = types[type]?.[channel]
      return mode === undefined ? [] : [{ type, channel, mode }]
    }),
  )
  checkChoices(choices)
  return inTx(ctx, async (tx) => {
    // Whoever tells them something waits, and tells it as they want it from now on.
    await lockCounters(tx.db, [actor.id])
    if (choices.length > 0) await upsertChoices(tx.db, actor.id, choices)
    const unmailed = choices.filter(({ channel, mode }) => channel === 'email' && mode === 'off')
    if (unmailed.length > 0) {
      await clearMail(
        tx.db,
        actor.id,
        unmailed.map(({ type }) => type),
      )
    }
    if (time_zone !== undefined || digest_hour !== undefined) {
      await upsertSettings(tx.db, actor.id, { time_zone, digest_hour })
    }
    return preferencesOf(tx.db, actor.id)
  })
}
