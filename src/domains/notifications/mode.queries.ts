import { type RawBuilder, sql } from 'kysely'
import type { NotificationType } from './notification.schemas.ts'
import { type ChannelName, defaultModes } from './preference.schemas.ts'

/** How an account, a column, wants to be told of a type at this moment, by channel: what was chosen over the defaults. */
export const modesOf = (type: NotificationType, userId: RawBuilder<unknown>): RawBuilder<unknown> => sql`(
  ${JSON.stringify(defaultModes[type])}::jsonb || coalesce((
    select jsonb_object_agg(p.channel, p.mode) from notification_preferences p
    where p.user_id = ${userId} and p.type = ${type}::notification_type), '{}'))`

/** Whether its owner wants a notification by a channel still, whatever they wanted when it was made. */
export function isWanted(n: RawBuilder<unknown>, channel: ChannelName): RawBuilder<boolean> {
  const defaults = Object.fromEntries(Object.entries(defaultModes).map(([type, modes]) => [type, modes[channel]]))
  return sql<boolean>`coalesce((
    select p.mode from notification_preferences p
    where p.user_id = ${n}.user_id and p.type = ${n}.type and p.channel = ${channel}::text
  ), ${JSON.stringify(defaults)}::jsonb ->> ${n}.type::text) <> 'off'`
}
