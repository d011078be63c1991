import type { Channel } from './delivery.service.ts'
import { emailChannel } from './email.channel.ts'
import { webPushChannel } from './web-push.channel.ts'

/** Every channel that leads out of here. A new one is its file, a line here, and a column of the table of defaults. */
export const carriedChannels: readonly Channel[] = [emailChannel, webPushChannel]
