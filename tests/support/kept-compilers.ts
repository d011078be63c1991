import type { AnySchema } from 'ajv'
import type { Schema } from 'fast-json-stringify'
import type { Compilers } from '../../src/app.ts'
import { serializerCompiler } from '../../src/http/serialization.ts'
import { validatorCompiler } from '../../src/http/validation.ts'

/** `make`, but once for equal arguments. */
function once<Arguments extends unknown[], Result>(make: (...given: Arguments) => Result) {
  const made = new Map<string, Result>()
  return (...given: Arguments): Result => {
    const key = JSON.stringify(given)
    const result = made.get(key) ?? make(...given)
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
