import { type DestinationStream, destination } from 'pino'

/** Written at latest after so many bytes, or milliseconds. */
const buffered = { minLength: 4_096, periodicFlush: 250 }

/** The pretty printer is a tool of development: where it is not installed, a terminal shows the plain lines. */
async function prettyPrinter(): Promise<DestinationStream | null> {
  try {
    const { default: pretty } = await import('pino-pretty')
    return pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
  } catch {
    return null
  }
}

/**
 * Where a process logs to: readable lines on a terminal, else JSON on standard output, gathered into fewer writes since
 * a system call for each line is dear. What is gathered is written when the process ends.
 */
export async function logDestination(isTerminal = process.stdout.isTTY === true): Promise<DestinationStream> {
  const pretty = isTerminal ? await prettyPrinter() : null
  return pretty ?? destination({ dest: 1, sync: false, ...buffered })
}
