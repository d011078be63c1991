import type { FastifyRequest } from 'fastify'
import type { Ctx } from '../context.ts'
import { type Client, clientOf } from '../lib/client.ts'
import type { App } from './app-type.ts'

/** The context as one request sees it: what it logs and publishes carries its id. */
export interface RequestCtx extends Ctx {
  readonly requestId: string
  readonly client: Client
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Made on first asking, so that requests answered without a service pay nothing for it. */
    readonly ctx: RequestCtx
    openedCtx: RequestCtx | null
  }
}

/** Gives every request `request.ctx`. */
export function provideContext(app: App, ctx: Ctx): void {
  app.decorateRequest('openedCtx', null)
  app.decorateRequest('ctx', {
    getter(this: FastifyRequest): RequestCtx {
      this.openedCtx ??= {
        ...ctx,
        log: this.log as Ctx['log'],
        requestId: this.id,
        client: clientOf(this.ip, this.headers['user-agent']),
      }
      return this.openedCtx
    },
  })
}
