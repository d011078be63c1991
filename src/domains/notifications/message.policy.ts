import type { Role } from '../../lib/actor.ts'
import type { NotificationView } from './notification.schemas.ts'

/** What a sentence is made of. */
export type Told = Pick<
  NotificationView,
  | 'type'
  | 'actors'
  | 'actor_count'
  | 'movie'
  | 'decision'
  | 'resolution'
  | 'role'
  | 'former_role'
  | 'notice'
  | 'title'
  | 'until'
>

const roleNames: Readonly<Record<Role, string>> = {
  user: 'a member',
  critic: 'a critic',
  moderator: 'a moderator',
  admin: 'an admin',
}

/** "Ada", "Ada and Bola", "Ada, Bola and Chi", "Ada and 11 others". */
export function whoDid({ actors, actor_count: count }: Pick<Told, 'actors' | 'actor_count'>): string {
  const [first, second, third] = actors.map(({ name }) => name)
  if (first === undefined) return count > 1 ? `${count} people` : 'Somebody'
  if (count <= 1) return first
  if (count === 2 && second !== undefined) return `${first} and ${second}`
  if (count === 3 && second !== undefined && third !== undefined) return `${first}, ${second} and ${third}`
  return `${first} and ${count - 1} ${count === 2 ? 'other' : 'others'}`
}

const decided = {
  approve: 'has been approved',
  reject: 'was not approved',
  delete: 'was removed by a moderator',
} as const

const resolved = {
  dismissed: 'we found nothing against our rules',
  content_removed: 'the review was removed',
  user_warned: 'its author was warned',
  user_suspended: 'its author was suspended',
} as const

function noticeOf({ notice, title, until }: Told): string {
  if (notice === 'warning') return 'A moderator has warned you about a review of yours.'
  if (notice === 'suspension') {
    return `Your account is suspended${until === null ? '' : ` until ${until.slice(0, 10)}`}.`
  }
  return title ?? 'A word from LemonNPie.'
}

/** A notification in a sentence. It has names and titles in it, and never text of a review. */
export function messageOf(told: Told): string {
  const { type, movie, decision, resolution, role } = told
  const title = movie?.title ?? 'a title'
  switch (type) {
    case 'new_follower':
      return `${whoDid(told)} started following you.`
    case 'review_helpful':
      return `${whoDid(told)} found your review of ${title} helpful.`
    case 'followed_user_review':
      return `${whoDid(told)} reviewed ${title}.`
    case 'review_moderated':
      return `Your review of ${title} ${decided[decision ?? 'reject']}.`
    case 'report_resolved':
      return `Your report of a review of ${title} was looked at: ${resolved[resolution ?? 'dismissed']}.`
    case 'watchlist_release':
      return `${title}, which is on your watchlist, is out.`
    case 'role_changed':
      return `You are ${roleNames[role ?? 'user']} now.`
    case 'system':
      return noticeOf(told)
  }
}

/** What mail programs make a link of. */
const linkLike = /[:/\\@]|\.\p{L}/u

/** No link of a stranger's goes out in a mail of ours: who calls themselves one is not named. */
const plainName = (name: string, otherwise: string): string => (linkLike.test(name) ? otherwise : name)

/** A notification in a sentence for a mail. */
export const mailMessage = (told: NotificationView): string =>
  messageOf({ ...told, actors: told.actors.map((who) => ({ ...who, name: plainName(who.name, 'Somebody') })) })

export interface MailText {
  readonly name: string
  readonly message: string
  readonly detail: string
}

/** What a mail says: to whom, what, and what staff added to it. */
export const mailable = (name: string, told: NotificationView): MailText => ({
  name: greeted(name),
  message: mailMessage(told),
  detail: told.reason ?? told.body ?? '',
})

export const greeted = (name: string): string => plainName(name, 'there')
