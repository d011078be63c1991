import type { Opened } from './live-sockets.ts'
import { setting } from './page.ts'
import { figure, table } from './report.ts'

export interface IdleResult {
  readonly name: string
  readonly sockets: number
  /** Memory of the server for each socket. */
  readonly bytes: number
  readonly opened: Opened
}

/** Milliseconds from commit to frame. */
export interface DeliveryResult {
  readonly name: string
  readonly rate: number
  readonly sent: number
  readonly share: number
  readonly repeated: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

interface Results {
  readonly idle: readonly IdleResult[]
  readonly delivered: readonly DeliveryResult[]
  readonly size: { readonly idle: number; readonly sockets: number; readonly rate: number; readonly seconds: number }
}

export const liveHeading = '## Live sockets'

const shareOf = (share: number): string => (share === 1 ? '1.0' : share.toFixed(6))

/** The section of docs/performance.md about live sockets. */
export function liveSection({ idle, delivered, size }: Results): string {
  return `${liveHeading}

${setting()}

\`npm run bench:live\`; rate limits off, 100 sockets being opened at once. Clients, writer, API processes and Postgres share the
processors.

### Idle sockets on one process

From opening a socket to \`ready\`, over HTTP, authenticated by token and session. The bare server believes whatever it is told
and asks no database. Memory is what the process has resident, before and after, for each socket; the kernel's own is not in it.

${table(
  ['', 'sockets', 'KB each', 'seconds to open all', 'p50 ms', 'p99 ms'],
  idle.map(({ name, sockets, bytes, opened }) => [
    name,
    sockets,
    bytes / 1_000,
    opened.seconds,
    opened.p50,
    opened.p99,
  ]),
)}

### ${figure(size.rate)} notifications a second to ${figure(size.sockets)} sockets on two processes

For ${size.seconds} s, ten accounts to a transaction, as in a fan-out, and eight transactions at once: from the return of a commit to the
frame at the client. The bare servers have the text in them already and are notified of account and position; ours are told whose
turn it is and read rows and counts from Postgres.

${table(
  ['', 'a second', 'sent', 'delivered', 'repeated', 'p50 ms', 'p95 ms', 'p99 ms'],
  delivered.map(({ name, rate, sent, share, repeated, p50, p95, p99 }) => [
    name,
    rate,
    sent,
    shareOf(share),
    repeated,
    p50,
    p95,
    p99,
  ]),
)}`
}
