import { ECDH } from 'node:crypto'
import webPush from 'web-push'
import { type Config, commaList } from '../config.ts'

type PushConfig = Pick<Config, 'VAPID_PUBLIC_KEY' | 'VAPID_PRIVATE_KEY' | 'VAPID_SUBJECT' | 'PUSH_SERVICES'>

export interface PushTarget {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

const timeoutMilliseconds = 10_000

/** Whether an address is at a push service of PUSH_SERVICES: its origin, or one below where that begins with `*.` */
export function isPushService({ PUSH_SERVICES }: Pick<Config, 'PUSH_SERVICES'>, endpoint: string): boolean {
  const url = URL.parse(endpoint)
  if (url === null) return false
  if (url.username !== '' || url.password !== '') return false
  return commaList(PUSH_SERVICES).some((service) => {
    const [scheme, host = ''] = service.split('://')
    if (url.protocol !== `${scheme}:`) return false
    return host.startsWith('*.') ? url.host.endsWith(host.slice(1)) : url.host === host
  })
}

/** Whether a message can be sealed for a browser's key: a point of P-256, uncompressed. */
export function isBrowserKey(p256dh: string): boolean {
  const point = Buffer.from(p256dh, 'base64url')
  if (point.length !== 65 || point[0] !== 4) return false
  try {
    ECDH.convertKey(point, 'prime256v1')
    return true
  } catch {
    return false
  }
}

/**
 * `gone`: the browser has unsubscribed, or no message can be sealed for it. `refused`: it is of no use to try again now. An
 * error: the service is away or busy.
 */
export type PushOutcome = 'taken' | 'gone' | 'refused' | Error

/** A service says when to come back: after so many milliseconds. */
export class PushBusy extends Error {
  override name = 'PushBusy'
  readonly milliseconds: number
  constructor(status: number, milliseconds: number) {
    super(`a push service answered ${status}, and to come back in ${milliseconds} ms`)
    this.milliseconds = milliseconds
  }
}

/** The longest that a service is believed. */
const longestWait = 6 * 3_600_000

/** What `Retry-After` says (RFC 9110): seconds, or a date. @returns milliseconds; null when it says nothing of use */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (header === null) return null
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now
  return milliseconds > 0 ? Math.min(milliseconds, longestWait) : null
}

/**
 * Seals a message for a browser (RFC 8291) and hands it to its push service, signed as from us (RFC 8292). Only services of
 * PUSH_SERVICES are ever asked, and no redirect is followed.
 * @param message with an id, by which a later one replaces it at the service
 * @param seconds for how long it waits at the service for a browser that is off
 */
export async function sendPush(
  config: PushConfig,
  { endpoint, p256dh, auth }: PushTarget,
  message: { readonly id: string } & Readonly<Record<string, unknown>>,
  seconds: number,
): Promise<PushOutcome> {
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey, VAPID_SUBJECT: subject } = config
  if (!publicKey || !privateKey || !isPushService(config, endpoint)) return 'refused'
  if (!isBrowserKey(p256dh)) return 'gone'
  try {
    const details = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, JSON.stringify(message), {
      vapidDetails: { subject, publicKey, privateKey },
      TTL: seconds,
      contentEncoding: 'aes128gcm',
      // At most 32 characters of this alphabet: an id without its hyphens.
      topic: message.id.replaceAll('-', ''),
    })
    const { status, headers, body } = await fetch(endpoint, {
      method: 'POST',
      headers: details.headers as Record<string, string>,
      body: new Uint8Array(details.body),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
    // What it says besides is not read; left alone it would hold its connection.
    await body?.cancel()
    if (status >= 200 && status < 300) return 'taken'
    if (status === 404 || status === 410) return 'gone'
    const wait = status === 429 ? retryAfter(headers.get('retry-after')) : null
    if (wait !== null) return new PushBusy(status, wait)
    return status === 429 || status >= 500 ? new Error(`a push service answered ${status}`) : 'refused'
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
