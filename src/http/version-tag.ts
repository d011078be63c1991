import type { FastifyRequest } from 'fastify'
import { bodyOf, type CachedBody } from '../infra/cache-body.ts'
import { badRequest } from '../lib/errors.ts'
import { Type } from '../lib/typebox.ts'

/** The header of a route that changes what has a version. */
export const IfMatchHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      maxLength: 200,
      description:
        'The `ETag` of what you read: when it has changed since, the answer is a 409 and nothing is changed.',
      examples: ['"v3-8kQxXc0mJ2b1Tq9yZr4w5A"'],
    }),
  ),
})

/** A version, with a digest of the rest: votes change what is shown and not what an edit is based on. */
const form = /^(?:W\/)?"v(\d{1,9})(?:-[\w-]*)?"$/

/** An answer's bytes with the version of what it shows in their tag. */
export function versionedBody(json: string, version: number): CachedBody {
  const body = bodyOf(Buffer.from(json))
  return { ...body, etag: `"v${version}-${body.etag.slice(1, -1)}"` }
}

const firstField = /^\{"version":(\d{1,9})[,}]/

const isBody = (found: CachedBody | object): found is CachedBody => 'json' in found

const versioned = new WeakMap<CachedBody, CachedBody>()

/** The same for an answer that may be kept: its version is the first field of its JSON. Made once for each that is. */
export function withVersion<Other extends object>(found: CachedBody | Other): CachedBody | Other {
  if (!isBody(found)) return found
  const known = versioned.get(found)
  if (known !== undefined) return known
  const [, version] = firstField.exec(found.json.toString('latin1', 0, 24)) ?? []
  // What a former release of ours has kept in Redis.
  if (version === undefined) return found
  const tagged = { ...found, etag: `"v${version}-${found.etag.slice(1, -1)}"` }
  versioned.set(found, tagged)
  return tagged
}

/** The tag of a version, where the bytes are not at hand. */
export const versionTag = (version: number): string => `"v${version}"`

/**
 * The versions that If-Match names; undefined when any will do. A weak tag counts too: it is how our compressed answers
 * are tagged.
 * @throws AppError 400 for what is no tag of ours
 */
export function wantedVersions(request: FastifyRequest): readonly number[] | undefined {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return undefined
  return header.split(',').map((tag) => {
    const [, version] = form.exec(tag.trim()) ?? []
    if (version === undefined) throw badRequest({ message: 'If-Match takes the ETag of an earlier answer, or *.' })
    return Number(version)
  })
}
