import { mailNewDevice, mailPasswordChanged, mailReset, mailVerification } from '../domains/auth/mail.jobs.ts'
import type { Subscribers } from './subscriber-jobs.ts'

/** Every event with those who react to it; a new event does not compile until it is listed, with [] if nobody cares. */
export const subscribers: Subscribers = {
  'title.created': [],
  'title.updated': [],
  'title.deleted': [],
  'review.published': [],
  'review.updated': [],
  'review.deleted': [],
  'review.moderated': [],
  'review.voted': [],
  'user.updated': [],
  'user.registered': [],
  'user.followed': [],
  'user.blocked': [],
  'email.verification_requested': [mailVerification],
  'password.reset_requested': [mailReset],
  'password.changed': [mailPasswordChanged],
  'session.new_device': [mailNewDevice],
  'review.flagged': [],
  'title.score_held': [],
  'title.score_released': [],
  'report.resolved': [],
  'user.warned': [],
  'user.suspended': [],
}
