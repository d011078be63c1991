import type { LivePolicy } from './live-policy.ts'

/** The place of one socket among those that are open. */
export interface Seat {
  /** Its socket has said who it is. @returns whether the account may have one more */
  identify(userId: string): boolean
  /** Its socket is closed. */
  leave(): void
}

/** Where a socket comes from: its address, and the wider network that the address is of. */
export interface Origin {
  readonly address: string
  readonly network: string
}

/** Counts the sockets of this process by address and by account. */
export interface Seats {
  /**
   * When the process is full of sockets that have not said who they are, the one that has waited longest makes room: whoever
   * means it says so at once, and nobody keeps others out by saying nothing.
   * @param end ends the socket
   * @returns a seat, or null when there are too many from there
   */
  take(origin: Origin, end: () => void): Seat | null
  /** Sockets that have not said yet who they are. */
  waiting(): number
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}

/** @param isLimited without it, as with RATE_LIMIT=off, only those that have not said who they are have a bound */
export function openSeats(policy: LivePolicy, isLimited: boolean): Seats {
  const ofAddress = new Map<string, number>()
  const waitingOfAddress = new Map<string, number>()
  const waitingOfNetwork = new Map<string, number>()
  const ofAccount = new Map<string, number>()
  /** How each that waits is put out, the one that has waited longest first. */
  const waiting = new Set<() => void>()
  const isOver = (counts: ReadonlyMap<string, number>, key: string, most: number): boolean =>
    isLimited && (counts.get(key) ?? 0) >= most

  function seatOf({ address, network }: Origin, end: () => void): Seat {
    let account: string | null = null
    add(ofAddress, address, 1)
    add(waitingOfAddress, address, 1)
    add(waitingOfNetwork, network, 1)
    const stopWaiting = (): void => {
      if (!waiting.delete(putOut)) return
      add(waitingOfAddress, address, -1)
      add(waitingOfNetwork, network, -1)
    }
    const putOut = (): void => {
      stopWaiting()
      end()
    }
    waiting.add(putOut)
    return {
      identify(userId) {
        if (isOver(ofAccount, userId, policy.ofAccount)) return false
        stopWaiting()
        account = userId
        add(ofAccount, userId, 1)
        return true
      },
      leave() {
        stopWaiting()
        add(ofAddress, address, -1)
        if (account !== null) add(ofAccount, account, -1)
      },
    }
  }

  return {
    waiting: () => waiting.size,
    take(origin, end) {
      const { address, network } = origin
      if (isOver(ofAddress, address, policy.ofAddress)) return null
      if (isOver(waitingOfAddress, address, policy.waitingOfAddress)) return null
      if (isOver(waitingOfNetwork, network, policy.waitingOfNetwork)) return null
      if (waiting.size >= policy.waiting) {
        const [putOutLongest] = waiting
        putOutLongest?.()
      }
      return seatOf(origin, end)
    },
  }
}
