import { randomInt } from 'node:crypto'
import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

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

/** Keeps a port from every other proxy, of any process, also while nothing listens at it. @throws EADDRINUSE */
async function reserve(port: number): Promise<DatagramSocket> {
  const socket = createSocket('udp4')
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true })
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

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
  // A process that another thread of this one starts holds what was open here until it runs its program: what listened.
  const listenAgain = async (port: number): Promise<void> => {
    for (let tries = 0; ; tries++) {
      try {
        return await listen(port)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === 50) throw error
        await wait(100)
      }
    }
  }
  const cut = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : Promise.resolve()
    if (server.listening) server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  // Not one of those that the system gives to others, which might take it while the way is cut.
  const listenAnywhere = async (): Promise<{ port: number; reservation: DatagramSocket }> => {
    for (;;) {
      const port = randomInt(20_000, 32_000)
      const reservation = await reserve(port).catch(() => null)
      if (reservation === null) continue
      try {
        await listen(port)
        return { port, reservation }
      } catch (error) {
        reservation.close()
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      }
    }
  }
  const { port, reservation } = await listenAnywhere()
  let isReserved = true
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
      await listenAgain(port)
    },
    stop: async () => {
      await cut()
      if (isReserved) reservation.close()
      isReserved = false
    },
  }
}
