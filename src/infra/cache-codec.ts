import { bodyOf, type CachedBody } from './cache-body.ts'

/** How a loaded thing becomes bytes for Redis and what callers get. */
export interface Codec<Loaded, Result> {
  encode(loaded: Loaded): { bytes: Buffer | string; result: Result; size: number }
  decode(bytes: Buffer): { result: Result; size: number }
}

/** A buffer of its own: small ones otherwise share a slab, and keep all of it in memory. */
function ownBuffer(source: string | Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(Buffer.byteLength(source))
  if (typeof source === 'string') own.write(source)
  else source.copy(own)
  return own
}

function body(source: string | Buffer) {
  const bytes = ownBuffer(source)
  // About a third more for the compressed copy.
  return { bytes, result: bodyOf(bytes), size: bytes.length * 1.35 }
}

/** JSON text ↔ the bytes that are sent. */
export const bodyCodec: Codec<string, CachedBody> = { encode: body, decode: body }

/** Everybody who reads a key shares its value, so nobody may change it. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

/** Objects take about three times their JSON. */
const parsed = (text: string) => ({ bytes: text, result: frozen(JSON.parse(text)), size: text.length * 3 })

/** A value ↔ its JSON. It goes through JSON with and without Redis, so that nothing works in one and fails in the other. */
export const valueCodec: Codec<unknown, unknown> = {
  encode: (value) => {
    const text = JSON.stringify(value)
    if (text === undefined) throw new TypeError('undefined cannot be cached: null says that there is nothing')
    return parsed(text)
  },
  decode: (bytes) => parsed(bytes.toString()),
}
