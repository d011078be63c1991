import { LRUCache } from 'lru-cache'

/** What is kept for a key: the promise is resolved already, so that a hit costs nothing. */
interface Entry {
  readonly result: Promise<unknown>
  readonly generation: number
}

/** The tier inside the process: the least recently used goes first when the bytes run out. */
export interface MemoryTier {
  get(family: string, name: string): Promise<unknown> | undefined
  /** @param bytes about what the value takes */
  set(family: string, name: string, result: Promise<unknown>, bytes: number, ttlMilliseconds: number): void
  forget(name: string): void
  forgetFamily(family: string): void
  clear(): void
}

/** What an entry takes beside its value: its name, its promise, its place in the list. */
const entryOverhead = 500

/** How late an entry may end: for so long the clock is not read again, which costs each read a timer otherwise. */
const clockMilliseconds = 50

export function openMemoryTier(maxBytes: number): MemoryTier {
  const entries = new LRUCache<string, Entry>({ max: 100_000, maxSize: maxBytes, ttlResolution: clockMilliseconds })
  // A family is forgotten by moving its generation on: its entries are found dead, or drop out by age. There are as many
  // generations as the code has families.
  const generations = new Map<string, number>()
  const generationOf = (family: string): number => generations.get(family) ?? 0
  return {
    get: (family, name) => {
      const entry = entries.get(name)
      return entry !== undefined && entry.generation === generationOf(family) ? entry.result : undefined
    },
    set: (family, name, result, bytes, ttlMilliseconds) => {
      const ttl = Math.max(1, Math.floor(ttlMilliseconds))
      entries.set(name, { result, generation: generationOf(family) }, { size: Math.ceil(bytes) + entryOverhead, ttl })
    },
    forget: (name) => {
      entries.delete(name)
    },
    forgetFamily: (family) => {
      generations.set(family, generationOf(family) + 1)
    },
    clear: () => entries.clear(),
  }
}
