import http from 'node:http'

export interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly token?: string | undefined
  readonly body?: object
}

export interface Client {
  /** @throws Error for anything but a 2xx */
  ask(asked: Asked): Promise<Buffer>
  close(): void
}

/** A client that keeps its connections, as browsers do, and costs less than the server that it loads. */
export function openClient(origin: string): Client {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const { hostname, port } = new URL(origin)
  const ask = ({ method, path, token, body }: Asked): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const headers = {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      }
      const request = http.request({ agent, hostname, port, method, path, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          if (response.statusCode! >= 200 && response.statusCode! < 300) resolve(bytes)
          else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${bytes.toString().slice(0, 500)}`))
        })
      })
      request.on('error', reject)
      request.end(text)
    })
  return { ask, close: () => agent.destroy() }
}
