/** Deeper than any body of ours; what is deeper is refused by its schema, untouched. */
const maxDepth = 12

/** What has no width and joins nothing: at the ends of a text it only makes equal names different. */
const widthless = /^[\s\u00AD\u180E\u200B\u2060\uFEFF]$/

/** Without blanks and what has no width at either end. A loop, since a pattern would try from every blank within. */
export function trimmed(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && widthless.test(text[start]!)) start += 1
  while (end > start && widthless.test(text[end - 1]!)) end -= 1
  return text.slice(start, end)
}

/**
 * Tidies every string inside a JSON value: Unicode NFC, CRLF as a line feed, trimmed. Keys, and what else there is, stay
 * as they are. Whether the result is acceptable is for a schema to say (`Line`, `Paragraphs`).
 */
export function tidyTexts(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return trimmed(value.normalize('NFC').replaceAll('\r\n', '\n'))
  if (value === null || typeof value !== 'object' || depth > maxDepth) return value
  if (Array.isArray(value)) return value.map((item) => tidyTexts(item, depth + 1))
  // Object.fromEntries defines properties, so that a key `__proto__` stays a key, for the schema to refuse.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, tidyTexts(item, depth + 1)]))
}
