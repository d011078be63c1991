import type { LivePolicy } from './live-policy.ts'

/** The place of one socket among those that are open. */
export interface Seat {
  /** Its socket has said who it is. @returns whether the account may have one more */
  identify(userId: string): boolean
  /** Its socket is closed. */
  leave(): void
}

/** Counts the sockets of this process by address and by account. */
export interface Seats {
  /** @returns a seat, or of what there are too many */
  take(address: string): Seat | 'address' | 'process'
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
  const ofAccount = new Map<string, number>()
  let waiting = 0
  const isOver = (counts: ReadonlyMap<string, number>, key: string, most: number): boolean =>
    isLimited && (counts.get(key) ?? 0) >= most

  function seatOf(address: string): Seat {
    let account: string | null = null
    let isWaiting = true
    const stopWaiting = (): void => {
      if (!isWaiting) return
      isWaiting = false
      waiting -= 1
      add(waitingOfAddress, address, -1)
    }
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
    waiting: () => waiting,
    take(address) {
      if (waiting >= policy.waiting) return 'process'
      if (isOver(ofAddress, address, policy.ofAddress)) return 'address'
      if (isOver(waitingOfAddress, address, policy.waitingOfAddress)) return 'address'
      waiting += 1
      add(ofAddress, address, 1)
      add(waitingOfAddress, address, 1)
      return seatOf(address)
    },
  }
}
