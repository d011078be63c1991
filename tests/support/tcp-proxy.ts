import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { processEnvironment } from '../../src/config.ts'

/** A way to a server that a test can take away, while the server and everybody else's way to it stay. */
export interface TcpProxy {
  /** The server's URL, through here. */
  readonly url: string
  /** Breaks all connections and refuses new ones. */
  cut(): Promise<void>
  /** Lets nothing through any more without breaking anything, as when a cable is pulled. */
  hang(): void
  /** Connections can be made again; what hung is broken. */
  restore(): Promise<void>
  stop(): Promise<void>
}

// Not of those that the system gives to others, nor another worker's, nor one given before: somebody might take it while
// the way is cut.
const portsOfWorker = 1_000
const ownPorts = 20_000 + portsOfWorker * (Number(processEnvironment().VITEST_POOL_ID ?? 0) % 12)
const given = new Set<number>()

export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  let hanging = false
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('data', (chunk) => {
        if (!hanging) to.write(chunk)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        if (!hanging) to.destroy()
      })
    }
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const cut = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : Promise.resolve()
    if (server.listening) server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  const listenAnywhere = (): Promise<number> => {
    const port = ownPorts + randomInt(portsOfWorker)
    if (given.has(port)) return listenAnywhere()
    return listen(port).then(
      () => port,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error
        return listenAnywhere()
      },
    )
  }
  const port = await listenAnywhere()
  given.add(port)
  const url = new URL(targetUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    cut,
    hang: () => {
      hanging = true
    },
    restore: async () => {
      await cut()
      hanging = false
      await listen(port)
    },
    stop: cut,
  }
}
