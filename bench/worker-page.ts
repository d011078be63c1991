import { ratio, setting } from './page.ts'
import { type Cell, figure, table } from './report.ts'

/** Events or jobs a second on one backend of the queues. */
export interface Measured {
  readonly backend: string
  /** Jobs that BullMQ's addBulk adds. */
  readonly addBulk: number
  /** Events that become jobs. */
  readonly relayed: number
  /** Jobs that a worker of BullMQ does when there is nothing to do. */
  readonly worked: number
  /** Events from the outbox to their effects and marks. */
  readonly handled: number
}

export const middle = (all: readonly number[]): number =>
  [...all].sort((one, other) => one - other)[Math.floor(all.length / 2)]!

export const workerHeading = '## The worker'

/** The section of docs/performance.md about the worker. */
export function relaySection(
  measured: readonly Measured[],
  { events, rounds, bulk, concurrency }: { events: number; rounds: number; bulk: number; concurrency: number },
): string {
  const rows = measured.map(({ backend, addBulk, relayed, worked, handled }): Cell[] => [
    ...[backend, addBulk, relayed, ratio(relayed / addBulk)],
    ...[worked, handled, ratio(handled / worked)],
  ])
  const head = ['queues in', '`addBulk`', 'relayed', 'ratio', 'bare worker', 'handled', 'ratio']
  return `${workerHeading}

${setting()}

Events a second by one process of the worker (\`npm run bench:worker\`): ${figure(events)} events that are committed in the outbox, each with one
subscriber, ${rounds} rounds of each kind in turns, of which the middle one counts. *Relayed*: until each has its job and is marked as
published; beside it the same jobs given straight to BullMQ's \`addBulk\`, ${bulk} at a time and two calls at once, as the relay's two lanes do. *Handled*: all of the worker at once, from
the rows to an effect and its mark in one transaction each, ${concurrency} at a time; beside it a worker of BullMQ whose jobs do nothing at
all. Postgres and Redis write to their disk, and share the processors with the worker.

${table(head, rows)}`
}
