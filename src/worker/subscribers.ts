import type { EventName } from '../events.ts'
import type { Handler } from '../infra/event-handler.ts'

/** Who reacts to an event. The `id` is its name for good: what was handled is remembered under it. */
export interface Subscriber<N extends EventName> {
  readonly id: string
  readonly queue: string
  readonly handle: Handler<N>
}

/** Every event with those who react to it; a new event does not compile until it is listed, with [] if nobody cares. */
export const subscribers: { readonly [N in EventName]: readonly Subscriber<N>[] } = {
  'title.created': [],
  'title.updated': [],
  'title.deleted': [],
}
