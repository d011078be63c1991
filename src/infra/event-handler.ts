import type { Ctx } from '../context.ts'
import type { EventName, EventPayload } from '../events.ts'

/** The context as one job sees it: what it logs and publishes carries the id of the request that it follows from. */
export interface JobCtx extends Ctx {
  readonly requestId?: string | undefined
}

/** An event as its subscribers get it. */
export interface Happened<N extends EventName> {
  /** The same however often the event is delivered. */
  readonly id: string
  readonly payload: EventPayload<N>
}

/**
 * Reacts to an event: at least once, so what it does in the database stands in one transaction with `firstTime`.
 * When it throws it is run again later, up to a number of times; a PermanentError is not tried again.
 */
export type Handler<N extends EventName> = (ctx: JobCtx, event: Happened<N>) => Promise<void>
