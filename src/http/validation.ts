import { Ajv, type AnySchema, type ErrorObject, type Options } from 'ajv'
import formatsPlugin from 'ajv-formats'
import type { FastifyRequest } from 'fastify'
import type { FieldProblem } from '../lib/errors.ts'

/** Nobody reads more, and a body of 64 KiB can be wrong in thousands of places. */
const mostProblems = 50

/** Names of the parts of a request as fields show them. */
const parts = { params: 'params', body: 'body', querystring: 'query', headers: 'headers' } as const
type Part = keyof typeof parts

const shared: Options = {
  allErrors: true,
  allowUnionTypes: true,
  // Compiling the schema of schemas takes a third of the start; a test does it once for all of them.
  meta: false,
  validateSchema: false,
  removeAdditional: false,
  strictRequired: false,
  strictTypes: false,
  useDefaults: true,
  keywords: ['example'],
}

// The package is CommonJS: what Node gives as the default import is typed as the whole module.
const addFormats = formatsPlugin as unknown as (ajv: Ajv, formats: readonly string[]) => Ajv

const ajvOf = (schemas: Record<string, unknown>, options: Options): Ajv => {
  const ajv = addFormats(new Ajv({ ...shared, ...options }), ['date', 'date-time', 'email', 'time', 'uri', 'uuid'])
  for (const schema of Object.values(schemas)) ajv.addSchema(schema as AnySchema)
  return ajv
}

/** What Fastify hands to a compiler of validators: a schema and which part of the request it is for. */
interface ValidatorTask {
  readonly schema: AnySchema
  readonly httpPart?: string
}

/**
 * What stands in a URL or header is text, so it is read as what its schema says, and one value as a list of one. A
 * body says what it means: `"5"` there is no number.
 */
export function validatorCompiler(schemas: Record<string, unknown>) {
  const bodies = ajvOf(schemas, {})
  // Ajv reads "1e309" as Infinity and then, being strict, skips its bounds; not being strict, it checks them.
  const texts = ajvOf(schemas, { coerceTypes: 'array', strictNumbers: false })
  return ({ schema, httpPart }: ValidatorTask) => (httpPart === 'body' ? bodies : texts).compile(schema)
}

const describe = ({ keyword, params, message }: ErrorObject): string => {
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'is not known here'
  if (keyword === 'required') return 'is required'
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as unknown[]).map(String).join(', ')}`
  if (keyword === 'pattern') return 'has the wrong form'
  return message ?? 'is wrong'
}

/** `/cast/0/name` in the body → `body.cast.0.name`. */
function fieldOf(part: Part, { instancePath, params }: ErrorObject): string {
  const child: unknown = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty
  const steps = instancePath.split('/').slice(1)
  if (typeof child === 'string') steps.push(child)
  return [parts[part], ...steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))].join('.').slice(0, 200)
}

/** A branch of anyOf that failed is said by the keyword of the branch; that the whole failed adds nothing. */
const isRedundant = ({ keyword }: ErrorObject): boolean =>
  keyword === 'if' || keyword === 'anyOf' || keyword === 'oneOf'

function problemsOf(part: Part, errors: readonly ErrorObject[]): FieldProblem[] {
  const telling = errors.filter((error) => !isRedundant(error))
  return (telling.length > 0 ? telling : errors).map((error) => ({
    field: fieldOf(part, error),
    message: describe(error),
  }))
}

const later: Readonly<Record<Part, readonly Part[]>> = {
  params: ['body', 'querystring', 'headers'],
  body: ['querystring', 'headers'],
  querystring: ['headers'],
  headers: [],
}

const partOf = (request: FastifyRequest, part: Part): unknown =>
  (part === 'querystring' ? request.query : request[part]) ?? null

/**
 * Every wrong field of a request. Fastify stops at the first part that is wrong; the parts after it are looked at here.
 * @param errors what is wrong with the part at which it stopped
 */
export function fieldProblems(request: FastifyRequest, part: Part, errors: readonly ErrorObject[]): FieldProblem[] {
  const problems = problemsOf(part, errors)
  for (const next of later[part]) {
    const validate = request.getValidationFunction(next)
    if (validate && validate(partOf(request, next)) === false) {
      problems.push(...problemsOf(next, (validate.errors ?? []) as ErrorObject[]))
    }
  }
  const unique = new Map(problems.map((problem) => [`${problem.field}\0${problem.message}`, problem]))
  return [...unique.values()].slice(0, mostProblems)
}
