import type { App } from '../../http/app-type.ts'
import { describeLive } from '../../http/asyncapi.ts'
import type { LiveFrame } from '../../http/live-handlers.ts'
import { type LivePolicy, livePolicy } from '../../http/live-policy.ts'
import { type LiveCtx, serveLive } from '../../http/live-server.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { problems } from '../../lib/schemas.ts'
import {
  ClientFrame,
  clientFrameSchemas,
  clientFrames,
  liveSchemas,
  type ResumeFrame,
  serverFrames,
} from './live.schemas.ts'
import { closingFrame, openLiveFeeds, pingFrame, renewedFrame } from './live.service.ts'

/** @returns reads a message; null for what is no frame */
function frameReader(): (text: string) => LiveFrame<ResumeFrame> | null {
  const schemas = Object.fromEntries(clientFrameSchemas.map((schema) => [schema.$id, schema]))
  const isFrame = validatorCompiler(schemas)({ schema: ClientFrame, httpPart: 'body' })
  return (text) => {
    try {
      const frame: unknown = JSON.parse(text)
      return isFrame(frame) ? (frame as LiveFrame<ResumeFrame>) : null
    } catch {
      return null
    }
  }
}

/** What one is told while it happens. */
export function liveRoutes(app: App, ctx: LiveCtx, shortened: Partial<LivePolicy> = {}): void {
  describeLive(app, { clientFrames, serverFrames, schemas: liveSchemas })
  const policy = { ...livePolicy, ...shortened }
  const feeds = openLiveFeeds(ctx, policy.sweep)
  app.addHook('onClose', () => feeds.close())
  serveLive(app, ctx, {
    path: '/notifications/ws',
    policy,
    schema: {
      operationId: 'openLiveSocket',
      tags: ['Notifications'],
      summary: 'Be told live, over a WebSocket',
      description:
        'A WebSocket, whose messages `/asyncapi.json` describes: the first says who you are by `{"type":"auth","token":…}` within 5 seconds. A token in the address is refused. Pages of other origins are a 403 `origin_not_allowed`.',
      response: problems(403, 422, 426),
    },
    handlers: {
      parse: frameReader(),
      joined: feeds.join,
      renewed: (peer) => peer.send('renewed', renewedFrame(peer)),
      received: feeds.resume,
      drained: feeds.goOn,
      left: feeds.leave,
      ping: pingFrame,
      closing: closingFrame,
    },
  })
}
