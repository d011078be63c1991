/** Deeper than any body of ours; what is deeper is refused by its schema, untouched. */
const maxDepth = 12

/**
 * Tidies every string inside a JSON value: Unicode NFC, CRLF as a line feed, no blanks at either end. Keys, and what
 * else there is, stay as they are. Whether the result is acceptable is for a schema to say (`Line`, `Paragraphs`).
 */
export function tidyTexts(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.normalize('NFC').replaceAll('\r\n', '\n').trim()
  if (value === null || typeof value !== 'object' || depth > maxDepth) return value
  if (Array.isArray(value)) return value.map((item) => tidyTexts(item, depth + 1))
  // Object.fromEntries defines properties, so that a key `__proto__` stays a key, for the schema to refuse.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, tidyTexts(item, depth + 1)]))
}
