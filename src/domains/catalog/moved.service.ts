import type { CachedBody } from '../../infra/cache.ts'
import { AppError } from '../../lib/errors.ts'
import { isUuid } from '../../lib/schemas.ts'

/** A thing under the slug that it has, or where it went. */
export type Found = CachedBody | { readonly movedTo: string }

/**
 * Looks, for what was not found by a slug, whether something had that slug before.
 * @throws whatever `found` does where nothing had
 */
export function orMoved(
  idOrSlug: string,
  found: Promise<CachedBody>,
  findSlugAfter: (former: string) => Promise<string | undefined>,
): Promise<Found> {
  return found.catch(async (error: unknown) => {
    const isMissing = error instanceof AppError && error.status === 404 && !isUuid(idOrSlug)
    const movedTo = isMissing ? await findSlugAfter(idOrSlug) : undefined
    if (movedTo === undefined) throw error
    return { movedTo }
  })
}
