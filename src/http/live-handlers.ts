import type { CloseName } from '../lib/live-close.ts'

/** Somebody who has said who they are, as those see them who have something to tell. */
export interface Peer {
  readonly userId: string
  /** When their token ends, in milliseconds of the epoch. */
  expiresAt(): number
  /** @param type what the frame is, for the metrics @param text the frame */
  send(type: string, text: string): void
  /** Whether so much is unsent that nothing more should be sent until `drained`. */
  isFull(): boolean
  close(name: CloseName): void
}

/** What the server itself understands; all else is for the handlers. */
export type LiveFrame<Other> = { readonly type: 'auth'; readonly token: string } | { readonly type: 'pong' } | Other

/** What comes of being connected. None of these throws or is waited for. */
export interface LiveHandlers<Other> {
  /** @returns what was sent, or null for what is no frame */
  parse(text: string): LiveFrame<Other> | null
  /** @param frames what they have said since, in order */
  joined(peer: Peer): void
  /** The same peer has brought a fresh token. */
  renewed(peer: Peer): void
  received(peer: Peer, frame: Other): void
  /** There is room again for a peer that was full. */
  drained(peer: Peer): void
  left(peer: Peer): void
  readonly ping: string
  closing(waitMilliseconds: number): string
}
