import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ClientOptions, WebSocket } from 'ws'
import type { Needs } from '../../src/context.ts'
import type { App } from '../../src/http/app-type.ts'
import { livePath } from '../../src/http/live-upgrade.ts'
import { deriveKey } from '../../src/infra/secrets.ts'

export type Frame = { readonly type: string } & Readonly<Record<string, unknown>>

/** A real socket to the server, and all that came over it. */
export interface LiveClient {
  readonly socket: WebSocket
  readonly frames: Frame[]
  say(frame: object | string): void
  /** The first frame of a type from here on, or that `is` one. */
  next(type: string, is?: (frame: Frame) => boolean): Promise<Frame>
  /** The positions that came, in the order in which they came. */
  positions(): string[]
  /** Code and reason, once it is closed. */
  closed(): Promise<readonly [code: number, reason: string]>
}

/** Has an app listen. @returns the address of its live socket */
export async function listen(app: App): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `ws://127.0.0.1:${(app.server.address() as AddressInfo).port}${livePath}`
}

export async function openLive(url: string, options: ClientOptions = {}): Promise<LiveClient> {
  const socket = new WebSocket(url, options)
  const frames: Frame[] = []
  const waiting = new Set<() => void>()
  let end: readonly [number, string] | undefined
  const wake = (): void => {
    for (const look of waiting) look()
  }
  socket.on('message', (data) => {
    const frame = JSON.parse(data.toString()) as Frame
    frames.push(frame)
    if (frame.type === 'ping') socket.send('{"type":"pong"}')
    wake()
  })
  socket.on('close', (code, reason) => {
    end = [code, reason.toString()]
    wake()
  })
  socket.on('error', () => {})
  await once(socket, 'open')
  let seen = 0
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find()
        if (found === undefined && end === undefined) return
        waiting.delete(look)
        if (found === undefined) reject(new Error(`it was closed with ${end} before ${what}`))
        else resolve(found)
      }
      waiting.add(look)
      look()
    })
  return {
    socket,
    frames,
    say: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next: (type, is = () => true) =>
      until(() => {
        const at = frames.findIndex((frame, index) => index >= seen && frame.type === type && is(frame))
        if (at < 0) return undefined
        seen = at + 1
        return frames[at]
      }, type),
    positions: () => frames.filter(({ type }) => type === 'notification').map(({ id }) => String(id)),
    closed: () => (end === undefined ? until(() => end, 'its end') : Promise.resolve(end)),
  }
}

/** The status with which the server refuses to open a socket, and its answer. */
export async function refusedLive(url: string, options: ClientOptions = {}) {
  const socket = new WebSocket(url, options)
  socket.on('error', () => {})
  const answer = await Promise.race([
    once(socket, 'unexpected-response').then(([, response]) => response as import('node:http').IncomingMessage),
    once(socket, 'open').then(() => null),
  ])
  if (answer === null) {
    socket.terminate()
    throw new Error('it was opened')
  }
  let body = ''
  for await (const chunk of answer) body += chunk
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(body) as Record<string, unknown> }
}

const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())

/** An access token as the same key would sign it to end in so many seconds, which may be past. */
export function endingIn(ctx: Needs<'config'>, token: string, seconds: number): string {
  const [head = '', claims = ''] = token.split('.')
  const exp = Math.floor(Date.now() / 1_000) + seconds
  const ending = Buffer.from(JSON.stringify({ ...decode(claims), iat: exp - 900, exp })).toString('base64url')
  const key = deriveKey(ctx.config, 'access token', decode(head).kid)
  return `${head}.${ending}.${createHmac('sha256', key).update(`${head}.${ending}`).digest('base64url')}`
}
