import type { AnySchema } from 'ajv'
import type { Schema } from 'fast-json-stringify'
import type { Compilers } from '../../src/app.ts'
import { serializerCompiler } from '../../src/http/serialization.ts'
import { validatorCompiler } from '../../src/http/validation.ts'

const numbers = new Map<string, number>()
const known = new WeakMap<object, number>()

/** A number of a schema, which equal ones share. Most are the same object for every app, and written out only once. */
function numberOf(schema: object): number {
  const before = known.get(schema)
  if (before !== undefined) return before
  const text = JSON.stringify(schema)
  const number = numbers.get(text) ?? numbers.size
  numbers.set(text, number)
  known.set(schema, number)
  return number
}

/** `make`, but once for equal arguments. */
function once<Given extends object, Result>(make: (given: Given) => Result) {
  const made = new Map<string, Result>()
  return (given: Given): Result => {
    const parts = Object.entries(given).map(([name, part]) =>
      typeof part === 'object' && part !== null ? `${name}#${numberOf(part)}` : `${name}=${part}`,
    )
    const key = parts.join()
    const result = made.get(key) ?? make(given)
    made.set(key, result)
    return result
  }
}

/** The compilers of the app, which compile a schema once for all apps of a test process. */
export const keptCompilers: Compilers = {
  buildValidator: once((schemas: Record<string, unknown>) => {
    const compile = validatorCompiler(schemas)
    return once((task: { schema: AnySchema; httpPart?: string }) => compile(task))
  }),
  buildSerializer: once((schemas: Record<string, Schema>) => once(serializerCompiler(schemas))),
}
