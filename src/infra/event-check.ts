import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formatsPlugin from 'ajv-formats'
import { type EventName, eventSchemas } from '../events.ts'

// The package is CommonJS: what Node gives as the default import is typed as the whole module.
const addFormats = formatsPlugin as unknown as (ajv: Ajv, formats: readonly string[]) => Ajv
const ajv = addFormats(new Ajv({ meta: false, validateSchema: false }), ['date', 'date-time', 'email', 'uri', 'uuid'])
const validators: Readonly<Record<string, ValidateFunction>> = Object.fromEntries(
  Object.entries(eventSchemas).map(([name, schema]) => [name, ajv.compile(schema)]),
)

export const eventNames = Object.keys(eventSchemas) as EventName[]

const problem = ({ instancePath, message = 'is wrong' }: ErrorObject): string =>
  `${instancePath.slice(1).replaceAll('/', '.') || 'it'} ${message}`

/** @returns why this is no payload of the event, without its values; null when it is one */
export function payloadProblem(name: string, payload: unknown): string | null {
  const validate = validators[name]
  if (!validate) return `there is no event ${name}`
  return validate(payload)
    ? null
    : `the payload of ${name} is wrong: ${(validate.errors ?? []).map(problem).join(', ')}`
}
