import fastJson, { type AnySchema, type Schema } from 'fast-json-stringify'
import type { NamedSchema } from './schemas.ts'
import type { Static, TSchema } from './typebox.ts'

/**
 * Compiles the writer of a schema's JSON: what the schema does not name is never written, what it requires is never left
 * out (it throws).
 * @param schemas the named schemas that it refers to, and those that they do
 */
export function stringifierOf<T extends TSchema>(
  schema: T,
  schemas: readonly NamedSchema[],
): (value: Static<T>) => string {
  const others = schemas.filter(({ $id }) => $id !== schema.$id)
  return fastJson(schema as AnySchema, {
    schema: Object.fromEntries(others.map((other) => [other.$id, other as unknown as Schema])),
  })
}
