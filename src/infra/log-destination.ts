import { writeSync } from 'node:fs'
import type { DestinationStream } from 'pino'

/** Characters after which, and milliseconds within which, gathered lines are written. */
const mostPending = 32_768
const longestWait = 100

/** Lines of pino's level error (50) and above are written at once. */
const urgentLevel = 50

/** Makes pino tell the level of each line by `lastLevel`. */
const metadata: unique symbol = Symbol.for('pino.metadata') as never

export interface GatheredLines extends DestinationStream {
  readonly [metadata]: true
  lastLevel: number
  flushSync(): void
}

const pause = new Int32Array(new SharedArrayBuffer(4))

/** Writes all of it, waiting where a pipe is full. What nobody reads any more is dropped. */
function writeAll(fd: number, text: string): void {
  let bytes = Buffer.from(text)
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      Atomics.wait(pause, 0, 0, 5)
    }
  }
}

/**
 * Gathers lines into fewer writes, since a system call a line is dear. pino's own destination measures all that it has
 * gathered anew with every line, which costs more than the line. What is gathered is written when the process ends.
 */
export function gatherLines(fd: number): GatheredLines {
  let pending = ''
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const text = pending
    pending = ''
    writeAll(fd, text)
  }
  process.on('exit', flush)
  return {
    [metadata]: true,
    lastLevel: 0,
    flushSync: flush,
    write(line) {
      pending += line
      if (pending.length >= mostPending || this.lastLevel >= urgentLevel) flush()
      else timer ??= setTimeout(flush, longestWait).unref()
    },
  }
}

/** The pretty printer is a tool of development: where it is not installed, a terminal shows the plain lines. */
async function prettyPrinter(): Promise<DestinationStream | null> {
  try {
    const { default: pretty } = await import('pino-pretty')
    return pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', sync: true })
  } catch {
    return null
  }
}

/** Where a process logs to: readable lines on a terminal, else JSON on standard output. */
export async function logDestination(isTerminal = process.stdout.isTTY === true): Promise<DestinationStream> {
  return (isTerminal ? await prettyPrinter() : null) ?? gatherLines(1)
}
