// What the live bench is compared with: a bare ws server that believes every client, and sends on what Postgres notifies.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { type WebSocket, WebSocketServer } from 'ws'
import { processEnvironment } from '../src/config.ts'

const channel = process.argv[2] ?? 'bare'
const sockets = new Map<string, WebSocket>()
const text = JSON.stringify({ text: 'x'.repeat(600) })

const client = new pg.Client({ connectionString: processEnvironment().DATABASE_URL })
client.on('error', () => process.exit(1))
await client.connect()
client.on('notification', ({ payload = '' }) => {
  for (const word of payload.split(',')) {
    const [user = '', position] = word.split(' ')
    sockets.get(user)?.send(`{"type":"notification","id":"${position}","notification":${text}}`)
  }
})
await client.query(`listen "${channel}"`)

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 4_096 })
server.on('connection', (socket) => {
  socket.once('message', (data) => {
    // Its token is its name.
    sockets.set((JSON.parse(data.toString()) as { token: string }).token, socket)
    socket.send('{"type":"ready"}')
  })
})
await once(server, 'listening')
console.log(`the bare server is up at http://127.0.0.1:${(server.address() as AddressInfo).port}`)
