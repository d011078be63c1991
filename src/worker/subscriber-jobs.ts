import type { EventName, EventPayload } from '../events.ts'
import { payloadProblem } from '../infra/event-check.ts'
import type { Handler } from '../infra/event-handler.ts'
import type { OutboxEvent } from '../infra/outbox-delivery.ts'
import type { NewJob } from '../infra/queues.ts'

/** Who reacts to an event. The `id` is its name for good: what was handled is remembered under it. */
export interface Subscriber<N extends EventName> {
  readonly id: string
  readonly queue: string
  /** Which events it has a use for, where that is not all: of the others no job is made. */
  readonly wants?: (payload: EventPayload<N>) => boolean
  readonly handle: Handler<N>
}

/** Every event with those who react to it. */
export type Subscribers = { readonly [N in EventName]: readonly Subscriber<N>[] }

/** A subscriber of whichever event, once the payload has been checked to be that event's. */
export type AnySubscriber = Subscriber<EventName>

export const subscribersOf = (subscribers: Subscribers, name: string): readonly AnySubscriber[] =>
  (subscribers as Readonly<Record<string, readonly AnySubscriber[]>>)[name] ?? []

/** Those who have a use for an event. A payload that is none of its event's is for all: their jobs say what is wrong. */
export const wantedBy = (
  subscribers: Subscribers,
  { name, payload }: Pick<OutboxEvent, 'name' | 'payload'>,
): readonly AnySubscriber[] =>
  subscribersOf(subscribers, name).filter(
    ({ wants }) => wants === undefined || payloadProblem(name, payload) !== null || wants(payload as never),
  )

export const queuesOf = (subscribers: Subscribers): string[] => [
  ...new Set(
    Object.values(subscribers)
      .flat()
      .map(({ queue }) => queue),
  ),
]

/** What a job carries. */
export interface JobData {
  readonly event: string
  readonly id: string
  readonly payload: unknown
  readonly request_id: string | null
}

/** The jobs of some events by queue, one for each subscriber; named so that a second one of the same is ignored. */
export function jobsByQueue(
  events: ReadonlyArray<readonly [event: OutboxEvent, subscribers: readonly AnySubscriber[]]>,
): Map<string, NewJob[]> {
  const jobs = events.flatMap(([{ event_id, name, payload, request_id }, subscribers]) =>
    subscribers.map(({ id, queue }) => {
      const data: JobData = { event: name, id: event_id, payload, request_id }
      return { queue, job: { id: `evt-${event_id}-${id}`, name: id, data } }
    }),
  )
  return new Map([...Map.groupBy(jobs, ({ queue }) => queue)].map(([queue, all]) => [queue, all.map(({ job }) => job)]))
}
