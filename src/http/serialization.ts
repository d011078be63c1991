import fastJson, { type AnySchema, type Schema } from 'fast-json-stringify'

type Write = (value: unknown) => string

/** What Fastify hands to a compiler of writers: the schema of an answer and the status that it is for. */
interface SerializerTask {
  readonly schema: AnySchema
  readonly httpStatus?: string
}

const isSuccess = (status: string | undefined): boolean => status === undefined || /^(?:2|default)/.test(status)

/**
 * Compiles writers of answers: what their schema does not name is never written. Errors are written by the one error
 * handler and need none, and equal schemas share one, since compiling them is most of the time that starting takes.
 */
export function serializerCompiler(schemas: Record<string, Schema>): (task: SerializerTask) => Write {
  const compiled = new Map<string, Write>()
  return ({ schema, httpStatus }) => {
    if (!isSuccess(httpStatus)) return JSON.stringify
    const key = JSON.stringify(schema)
    const write = compiled.get(key) ?? (fastJson(schema, { schema: schemas }) as Write)
    compiled.set(key, write)
    return write
  }
}
