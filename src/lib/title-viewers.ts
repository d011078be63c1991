/** What of a title depends on who asks, as it stands in an answer. */
interface ShownTitle {
  readonly id: string
  viewer: unknown
}

const isTitle = (value: object): value is ShownTitle =>
  'viewer' in value && 'slug' in value && 'type' in value && (value.type === 'movie' || value.type === 'series')

/**
 * Every title in an answer, however deep, by its id: those of lists, of filmographies, of reviews.
 * @param value plain JSON of ours
 */
export function titlesIn(value: unknown, found = new Map<string, ShownTitle[]>()): Map<string, ShownTitle[]> {
  if (value === null || typeof value !== 'object') return found
  if (!Array.isArray(value) && isTitle(value)) found.set(value.id, [...(found.get(value.id) ?? []), value])
  for (const inner of Object.values(value)) titlesIn(inner, found)
  return found
}

/** Gives the titles of an answer what the account that asks sees of them; what a title has already, it keeps beside it. */
export function showToViewer(
  titles: ReadonlyMap<string, readonly ShownTitle[]>,
  rows: ReadonlyArray<{ readonly id: string; readonly viewer: object | null }>,
): void {
  for (const { id, viewer } of rows) {
    for (const title of titles.get(id) ?? []) title.viewer = { ...(title.viewer as object | null), ...viewer }
  }
}
