// A client of the live socket for browsers and Node 22 and later. It needs nothing but a global WebSocket.

/** What the socket is doing. */
export type LiveState =
  | 'connecting'
  /** Ready: what is told comes at once. */
  | 'live'
  /** Lost, and waiting to come back. */
  | 'waiting'
  /** There is no token that the server takes: somebody has to sign in. */
  | 'signed_out'
  /** The server wants nothing more to do with this client; `code` says why. */
  | 'refused'
  /** By `close()`. */
  | 'closed'

/** Why a token is asked for: to begin, since the present one ends soon, or since the server did not take it. */
export type TokenReason = 'first' | 'expiring' | 'refused'

export interface LiveOptions<Notification> {
  /** `wss://api.lemonnpie.example/api/v1/notifications/ws` */
  readonly url: string
  /** Gives an access token, a fresh one unless `why` is `first`; null when there is none to be had. */
  readonly token: (why: TokenReason) => string | null | Promise<string | null>
  /** The position that was seen last, to go on after it; by default it begins with what comes from now on. */
  readonly after?: string
  /** Each notification once, in the order of positions. */
  readonly onNotification: (notification: Notification, position: string) => void
  readonly onUnreadCount?: (count: number) => void
  /** What was missed is no longer to be had here: ask for the list. */
  readonly onReset?: () => void
  readonly onState?: (state: LiveState, code?: number) => void
  /** Milliseconds: the first wait before coming back (then twice as long each time), the longest, and for how long nothing may be heard. */
  readonly leastWait?: number
  readonly mostWait?: number
  readonly silence?: number
}

export interface LiveConnection {
  readonly state: () => LiveState
  /** The position that was seen last: keep it, and give it as `after` another time. */
  readonly position: () => string | null
  readonly close: () => void
}

/** After these the same token is of no use. */
const refreshCodes: ReadonlySet<number> = new Set([4401, 4441, 4442, 4443])
/** After these coming back would end the same way. */
const stopCodes: ReadonlySet<number> = new Set([1003, 1007, 1008, 1009, 4400, 4403])

/** A connection that has lived so long, in milliseconds, was a good one: the next wait is a short one again. */
const goodAfter = 10_000
/** How long before its end a token is renewed, and the longest that a timer takes. */
const renewBefore = 60_000
/** However soon a token ends, so often it is renewed at most. */
const leastRenewal = 1_000
const longestTimer = 2 ** 31 - 1

type Timer = ReturnType<typeof setTimeout> | undefined

interface ServerFrame {
  readonly type: string
  readonly id: string
  readonly notification: unknown
  readonly after: string
  readonly reset: boolean
  readonly unread_count: number
  readonly expires_in_ms: number
  readonly retry_after_ms: number
}

/** Connects at once, and again whenever the connection is lost, going on where it was. */
export function connectLive<Notification>(options: LiveOptions<Notification>): LiveConnection {
  const { url, token, onNotification, leastWait = 500, mostWait = 30_000, silence = 60_000 } = options
  let state: LiveState = 'connecting'
  let position: string | null = options.after ?? null
  let socket: WebSocket | null = null
  /** Where it was asked to go on, until the server says that it does: what comes before that is not what is next. */
  let resuming: string | null = null
  let used: string | null = null
  let refused: string | null = null
  let failures = 0
  let liveSince = 0
  let told: number | null = null
  let unread: number | null = null
  let waiting: Timer
  let watchdog: Timer
  let renewal: Timer

  function become(next: LiveState, code?: number): void {
    if (state === next) return
    state = next
    options.onState?.(next, code)
  }

  /** Without a sign of life the connection counts as lost, though nobody has said so. */
  function watch(): void {
    clearTimeout(watchdog)
    const watched = socket
    watchdog = setTimeout(() => watched && lose(watched, 1006), silence)
  }

  function say(frame: object): void {
    if (socket?.readyState === 1) socket.send(JSON.stringify(frame))
  }

  async function askForToken(why: TokenReason): Promise<string | null> {
    try {
      return await token(why)
    } catch {
      // It could not be asked for, as without a network: that says nothing against who is signed in.
      return ''
    }
  }

  async function connect(): Promise<void> {
    become('connecting')
    const given = await askForToken(refused === null ? 'first' : 'refused')
    if (state === 'closed') return
    if (given === '') return comeBack()
    if (given === null || given === refused) return become('signed_out')
    used = given
    const opening = new WebSocket(url)
    socket = opening
    watch()
    opening.onopen = () => {
      say({ type: 'auth', token: given })
      resuming = position
      if (position !== null) say({ type: 'resume', after: position })
    }
    opening.onmessage = ({ data }) => {
      if (opening === socket) hear(JSON.parse(String(data)) as ServerFrame)
    }
    opening.onclose = ({ code }) => lose(opening, code)
    // 'close' follows.
    opening.onerror = () => {}
  }

  /** By how long the server says that is: its clock and this one may be minutes apart. */
  function renewLater(left: number): void {
    clearTimeout(renewal)
    const renewing = socket
    renewal = setTimeout(
      async () => {
        const fresh = await askForToken('expiring')
        if (!fresh || renewing !== socket) return
        used = fresh
        say({ type: 'auth', token: fresh })
      },
      Math.min(Math.max(left - renewBefore, left / 2, leastRenewal), longestTimer),
    )
  }

  function count(next: number): void {
    if (unread === next) return
    unread = next
    options.onUnreadCount?.(next)
  }

  function hear(frame: ServerFrame): void {
    watch()
    if (frame.type === 'ping') say({ type: 'pong' })
    else if (frame.type === 'closing') told = frame.retry_after_ms
    else if (frame.type === 'renewed') renewLater(frame.expires_in_ms)
    else if (frame.type === 'unread_count') count(frame.unread_count)
    else if (frame.type === 'ready') begin(frame)
    else if (frame.type === 'notification') {
      if (resuming !== null || (position !== null && BigInt(frame.id) <= BigInt(position))) return
      position = frame.id
      onNotification(frame.notification as Notification, frame.id)
    }
  }

  function begin({ after, reset, unread_count, expires_in_ms }: ServerFrame): void {
    refused = null
    liveSince = Date.now()
    renewLater(expires_in_ms)
    // The answer to `auth` alone: that to `resume` is on its way.
    if (resuming !== null && !reset && after !== resuming) return
    resuming = null
    if (position === null || reset) position = after
    become('live')
    if (reset) options.onReset?.()
    count(unread_count)
  }

  /** Waits, each time up to twice as long and never exactly as long as others do. */
  function comeBack(): void {
    const most = Math.min(mostWait, leastWait * 2 ** failures)
    failures += 1
    const wait = told ?? most / 2 + (Math.random() * most) / 2
    told = null
    become('waiting')
    waiting = setTimeout(connect, wait)
  }

  function lose(lost: WebSocket, code: number): void {
    if (lost !== socket) return
    socket = null
    lost.close()
    clearTimeout(watchdog)
    clearTimeout(renewal)
    if (state === 'closed') return
    if (refreshCodes.has(code)) refused = used
    if (liveSince > 0 && Date.now() - liveSince >= goodAfter) failures = 0
    liveSince = 0
    if (stopCodes.has(code)) become('refused', code)
    else comeBack()
  }

  void connect()
  return {
    state: () => state,
    position: () => position,
    close: () => {
      become('closed')
      clearTimeout(waiting)
      const open = socket
      if (open) lose(open, 1000)
    },
  }
}
