import { type Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface RawAnswer {
  readonly statusCode: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface RawRequest {
  readonly method: string
  /** Sent as it is: nothing is normalised on the way. */
  readonly url: string
  readonly headers: Record<string, string>
  readonly payload?: string | undefined
}

/** Sends a request over a real connection, its path byte by byte. */
export const sendRaw = (
  origin: string,
  agent: Agent,
  { method, url, headers, payload }: RawRequest,
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const length = payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }
    const sent = request({ hostname, port, agent, method, path: url, headers: { ...headers, ...length } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          statusCode: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(payload)
  })
