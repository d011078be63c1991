import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A push service in this process, which answers what it is told to. */
export async function startPushService() {
  const received: Received[] = []
  const answers: (number | { readonly status: number; readonly retryAfter: string })[] = []
  const held: Array<() => void> = []
  let gathering = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
    if (gathering > 0) {
      await new Promise<void>((resolve) => {
        held.push(resolve)
        if (held.length < gathering) return
        gathering = 0
        for (const release of held.splice(0)) release()
      })
    }
    const answer = answers.shift() ?? 201
    const { status, retryAfter } = typeof answer === 'number' ? { status: answer, retryAfter: null } : answer
    response.writeHead(status, { location: '/elsewhere', ...(retryAfter !== null && { 'retry-after': retryAfter }) })
    response.end('what nobody reads '.repeat(1_000))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    /** Answers none of the next requests before there are so many. */
    gather: (requests: number) => {
      gathering = requests
    },
    stop: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

/** A browser that subscribes: its keys, and how it opens what it gets (RFC 8291 over RFC 8188). */
export function browser() {
  const ecdh = createECDH('prime256v1')
  const publicKey = ecdh.generateKeys()
  const auth = randomBytes(16)
  const expand = (key: Buffer, salt: Buffer, info: Buffer, length: number) =>
    Buffer.from(hkdfSync('sha256', key, salt, info, length))
  return {
    keys: { p256dh: publicKey.toString('base64url'), auth: auth.toString('base64url') },
    open: (sealed: Buffer): unknown => {
      const [salt, idLength] = [sealed.subarray(0, 16), sealed[20] as number]
      const sender = sealed.subarray(21, 21 + idLength)
      const content = sealed.subarray(21 + idLength)
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, sender])
      const secret = expand(ecdh.computeSecret(sender), auth, info, 32)
      const key = expand(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
      const nonce = expand(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
      const decipher = createDecipheriv('aes-128-gcm', key, nonce)
      decipher.setAuthTag(content.subarray(-16))
      const padded = Buffer.concat([decipher.update(content.subarray(0, -16)), decipher.final()])
      // A last record ends in 0x02 and padding.
      return JSON.parse(padded.subarray(0, padded.lastIndexOf(2)).toString())
    },
  }
}

/** The claims of a VAPID header, if it is signed by the key that it names. */
export function vapidClaims(authorization: string, publicKey: string): { aud: string; exp: number; sub: string } {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? []
  const [header = '', payload = '', signature = ''] = token.split('.')
  const point = Buffer.from(publicKey, 'base64url')
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  const signed = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!signed || key !== publicKey) throw new Error('the signature is not by this key')
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}
