import { hash } from 'node:crypto'

/** What can be forgotten: one key, or a whole family when there is no `id`. */
export interface CacheTarget {
  readonly family: string
  readonly id?: string
}

/** An id of any length, such as the filters of a list: a long one becomes its hash. */
export const shortId = (id: string): string => (id.length <= 160 ? id : `#${hash('sha256', id, 'base64url')}`)

/** One name for a target; families have no colon. */
export const nameOf = ({ family, id }: CacheTarget): string => (id === undefined ? family : `${family}:${id}`)

/** Under the 8,000 bytes of a NOTIFY. */
const maxMessageBytes = 7_500

/** Targets as messages to other processes, each `[sender, [family, id?], …]`. */
export function messagesOf(sender: string, targets: readonly CacheTarget[]): string[] {
  const messages: string[] = []
  let parts = [JSON.stringify(sender)]
  let bytes = 100
  for (const { family, id } of targets) {
    const part = JSON.stringify(id === undefined ? [family] : [family, id])
    const size = Buffer.byteLength(part) + 1
    if (bytes + size > maxMessageBytes) {
      messages.push(`[${parts.join()}]`)
      parts = [JSON.stringify(sender)]
      bytes = 100
    }
    parts.push(part)
    bytes += size
  }
  return [...messages, `[${parts.join()}]`]
}

/** The other way round. */
export function targetsOf(message: string): { sender: string; targets: CacheTarget[] } {
  const [sender, ...targets] = JSON.parse(message) as [string, ...Array<[string, string?]>]
  return { sender, targets: targets.map(([family, id]) => (id === undefined ? { family } : { family, id })) }
}
