import type { Subscribers } from './subscriber-jobs.ts'

/** Every event with those who react to it; a new event does not compile until it is listed, with [] if nobody cares. */
export const subscribers: Subscribers = {
  'title.created': [],
  'title.updated': [],
  'title.deleted': [],
  'user.registered': [],
  'email.verification_requested': [],
  'password.reset_requested': [],
  'password.changed': [],
  'session.new_device': [],
}
