import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** A serialised JSON answer, ready to send. */
export interface CachedBody {
  readonly json: Buffer
  /** Strong ETag of `json`, with its quotes. */
  readonly etag: string
  /** `json` compressed once, on first asking. Worth sending from about 1 KiB. */
  gzip(): Buffer
}

/** 128 bits of SHA-256: the same bytes have the same tag in every process and after every restart. */
const etagOf = (json: Buffer): string => `"${hash('sha256', json, 'base64url').slice(0, 22)}"`

/** @param json is kept, so it must not be a part of a larger buffer */
export function bodyOf(json: Buffer): CachedBody {
  const etag = etagOf(json)
  let compressed: Buffer | undefined
  return {
    json,
    etag,
    gzip: () => {
      compressed ??= gzipSync(json, { level: 6 })
      return compressed
    },
  }
}
