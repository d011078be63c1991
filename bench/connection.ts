// HTTP/1.1 over one connection, one request at a time, for loads: a client that parses no more than it needs, so that what
// is measured is the server. autocannon takes as long for an answer as a bare Fastify route does, and was what it waited for.
import net from 'node:net'

export interface Answer {
  readonly status: number
  /** Milliseconds from sending the request to the last byte of its answer. */
  readonly milliseconds: number
}

export interface Connection {
  /** @throws Error when the connection ends, nothing comes for half a minute, or the answer does not say its length */
  ask(request: Buffer): Promise<Answer>
  close(): void
}

const patience = 30_000
const headEnd = Buffer.from('\r\n\r\n')

/** A GET as it goes over the wire. */
export function requestOf(origin: string, path: string, token?: string): Buffer {
  const credentials = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
  return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${new URL(origin).host}\r\n${credentials}\r\n`)
}

/** The status and the bytes of an answer, by the first piece of it, which must hold its whole head. */
function readHead(piece: Buffer): { status: number; bytes: number } {
  const end = piece.indexOf(headEnd)
  const head = piece.toString('latin1', 0, end)
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  if (end < 0 || length === undefined) throw new Error(`an answer of unknown length: ${head.slice(0, 200)}`)
  return { status: Number(head.slice(9, 12)), bytes: end + headEnd.length + Number(length) }
}

interface Waiting {
  readonly since: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

export async function connect(origin: string): Promise<Connection> {
  const { hostname, port } = new URL(origin)
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true })
  let waiting: Waiting | undefined
  let status = 0
  let missing = 0
  const fail = (error: Error): void => {
    waiting?.reject(error)
    waiting = undefined
    socket.destroy()
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.setTimeout(patience, () => fail(new Error('no answer')))
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection was closed')))
  socket.on('data', (piece: Buffer) => {
    try {
      if (missing === 0) ({ status, bytes: missing } = readHead(piece))
    } catch (error) {
      return fail(error as Error)
    }
    missing -= piece.length
    if (missing > 0) return
    const { since, resolve } = waiting!
    waiting = undefined
    resolve({ status, milliseconds: performance.now() - since })
  })
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { since: performance.now(), resolve, reject }
        // Closed since its last answer, it would tell of it no more.
        if (socket.destroyed) fail(new Error('the connection was closed'))
        else socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}
