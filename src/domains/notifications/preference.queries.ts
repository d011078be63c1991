import { sql } from 'kysely'
import { onViolation } from '../../infra/constraints.ts'
import type { Db, Tx } from '../../infra/db.ts'
import { unknownTimeZone } from './notification.errors.ts'
import type { NotificationType } from './notification.schemas.ts'
import { type ChannelName, defaultModes, defaultSettings } from './preference.schemas.ts'
import { digestDue } from './write.queries.ts'

export interface Choice {
  readonly type: NotificationType
  readonly channel: ChannelName
  readonly mode: string
}

export interface Chosen {
  readonly time_zone: string | null
  readonly digest_hour: number | null
  readonly choices: readonly Choice[]
}

/** What somebody chose, otherwise than the defaults. */
export async function getChosen(db: Db, userId: string): Promise<Chosen> {
  const { rows } = await sql<Chosen>`
    /* getNotificationPreferences */
    select max(s.time_zone) as time_zone, max(s.digest_hour) as digest_hour, coalesce((
      select json_agg(json_build_object('type', p.type, 'channel', p.channel, 'mode', p.mode))
      from notification_preferences p where p.user_id = ${userId}::uuid), '[]') as choices
    from notification_settings s
    where s.user_id = ${userId}::uuid`.execute(db)
  return rows[0]!
}

export async function upsertChoices(db: Tx, userId: string, choices: readonly Choice[]): Promise<void> {
  await sql`/* upsertNotificationPreferences */
    insert into notification_preferences as p (user_id, type, channel, mode)
    select ${userId}::uuid, c.type, c.channel, c.mode
    from jsonb_to_recordset(${JSON.stringify(choices)}::jsonb) c (type notification_type, channel text, mode text)
    on conflict (user_id, type, channel) do update set mode = excluded.mode, updated_at = now()
    where p.mode <> excluded.mode`.execute(db)
}

/** Takes what is unread of types out of mails to come. The counter of the account is held. */
export async function clearMail(db: Tx, userId: string, types: readonly NotificationType[]): Promise<void> {
  await sql`/* clearMail */
    update notifications n set mail = null
    where n.user_id = ${userId}::uuid and n.read_at is null and n.mail is not null
      and n.type = any (${types}::notification_type[])`.execute(db)
}

interface Settings {
  readonly time_zone?: string | undefined
  readonly digest_hour?: number | undefined
}

/** Keeps where somebody lives and when they want the mail of the day; one that is due already is due then. */
export async function upsertSettings(db: Tx, userId: string, { time_zone, digest_hour }: Settings): Promise<void> {
  await onViolation(
    { notification_settings_time_zone_check: unknownTimeZone },
    sql`/* upsertNotificationSettings */
      insert into notification_settings as s (user_id, time_zone, digest_hour)
      values (${userId}::uuid, ${time_zone ?? defaultSettings.time_zone}, ${digest_hour ?? defaultSettings.digest_hour})
      on conflict (user_id) do update
      set time_zone = coalesce(${time_zone ?? null}::text, s.time_zone),
        digest_hour = coalesce(${digest_hour ?? null}::smallint, s.digest_hour), updated_at = now()`.execute(db),
  )
  await sql`/* moveDigest */
    update notification_counters c
    set digest_due_at = ${digestDue(sql.ref('c.user_id'), sql.ref('c.digested_on'))}
    where c.user_id = ${userId}::uuid and c.digest_due_at is not null`.execute(db)
}

/**
 * The same for an account that may be gone since. With `only`, a type is changed only where the mode is that one, be it by
 * choice or by default.
 * @returns the types that were changed
 */
export async function upsertChoicesIfThere(
  db: Tx,
  userId: string,
  choices: readonly Choice[],
  only: string | null,
): Promise<NotificationType[]> {
  const kept = choices.map((choice) => ({ ...choice, otherwise: defaultModes[choice.type][choice.channel] }))
  const { rows } = await sql<{ type: NotificationType }>`/* upsertPreferencesOfLink */
    insert into notification_preferences as p (user_id, type, channel, mode)
    select u.id, c.type, c.channel, c.mode
    from users u
    cross join jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) c (type notification_type, channel text, mode text, otherwise text)
    where u.id = ${userId}::uuid and (${only}::text is null or ${only}::text = coalesce((
      select x.mode from notification_preferences x
      where x.user_id = u.id and x.type = c.type and x.channel = c.channel), c.otherwise))
    on conflict (user_id, type, channel) do update set mode = excluded.mode, updated_at = now()
    where p.mode <> excluded.mode
    returning p.type`.execute(db)
  return rows.map(({ type }) => type)
}
