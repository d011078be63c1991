// Clients of the live bench, in a process of their own: opens sockets, and notes when what comes over them.
import { WebSocket } from 'ws'
import { clock } from './clock.ts'
import { percentile } from './load.ts'

/** What a client shows that it is somebody by. */
export interface Client {
  readonly id: string
  readonly token: string
}

export interface OpenOrder {
  readonly urls: readonly string[]
  readonly clients: readonly Client[]
}

export interface Opened {
  readonly ready: number
  readonly seconds: number
  /** Milliseconds from opening a socket to `ready`. */
  readonly p50: number
  readonly p99: number
}

/** When a position came to a client, in milliseconds of the machine's one clock. */
export type Arrival = readonly [client: number, position: number, at: number]

/** Sockets that are being opened at once. */
const atOnce = 100

const arrivals: Arrival[] = []
const sockets: WebSocket[] = []
let lost = 0

function open(url: string, client: Client, number: number): Promise<number> {
  const begun = clock()
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    sockets.push(socket)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', token: client.token })))
    socket.on('message', (data) => {
      const text = data.toString()
      if (text.startsWith('{"type":"notification"')) {
        const at = clock()
        arrivals.push([number, Number(text.slice(29, text.indexOf('"', 29))), at])
      } else if (text.startsWith('{"type":"ready"')) resolve(clock() - begun)
      else if (text.startsWith('{"type":"ping"')) socket.send('{"type":"pong"}')
    })
    socket.on('error', reject)
    socket.on('close', (code, reason) => {
      lost += 1
      reject(new Error(`a socket was closed with ${code} ${reason}`))
    })
  })
}

async function openAll({ urls, clients }: OpenOrder): Promise<Opened> {
  const begun = clock()
  const times: number[] = []
  let next = 0
  const opener = async (): Promise<void> => {
    for (let number = next++; number < clients.length; number = next++) {
      times.push(await open(urls[number % urls.length]!, clients[number]!, number))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, opener))
  const seconds = (clock() - begun) / 1_000
  times.sort((a, b) => a - b)
  return { ready: times.length, seconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

type Order = ({ readonly type: 'open' } & OpenOrder) | { readonly type: 'report' }

process.on('message', async (order: Order) => {
  if (order.type === 'open') {
    const opened = await openAll(order).catch((error: Error) => ({ failed: error.message }))
    process.send?.(opened)
  } else process.send?.({ arrivals: arrivals.splice(0), lost })
})
process.on('disconnect', () => process.exit())
