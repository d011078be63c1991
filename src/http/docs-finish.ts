import { type DescribedOperation, headersOf } from './docs-headers.ts'

/** What answers mean that say no more than their schema: a reference to a schema has no room for words. */
const meanings: Readonly<Record<string, string>> = {
  200: 'What was asked for.',
  201: 'It is made; `Location` says where it is.',
  202: 'Taken on; it will be done.',
  400: 'The body is no JSON, or a header is malformed.',
  401: 'No or bad credentials; a broken token on a public operation too.',
  403: 'Known, not allowed.',
  404: 'Does not exist, or the caller may not know that it does.',
  409: 'Conflicts with what is there; `error` says how.',
  413: 'The body is too large.',
  415: 'The body is not of a type taken here.',
  422: 'A field is wrong; `details` names every one.',
  423: 'The account is locked; `Retry-After` says for how long.',
  426: 'Only a WebSocket opens here.',
  429: 'Too many requests; `Retry-After` says when to try again.',
  500: 'Something went wrong on our side.',
  503: 'A needed backing service is away; `Retry-After` says when to try again.',
}

interface Answer {
  description: string
  readonly content?: Record<string, { example?: unknown }>
  headers?: Record<string, unknown>
}

interface Parameter {
  readonly name?: string
  readonly in?: string
  required?: boolean
  description?: string
  example?: unknown
  examples?: Record<string, { readonly value: unknown }>
  readonly schema?: { readonly default?: unknown; examples?: unknown[] }
}

interface Operation extends DescribedOperation {
  readonly requestBody?: { required?: boolean }
  'x-answer-example'?: object
  'x-optional-body'?: boolean
  readonly responses?: Record<string, Answer>
  readonly parameters?: Parameter[]
}

const inWords = (value: unknown): string => `\`${[value].flat().join(',')}\``

/**
 * Swagger UI fills in the example of a parameter, so that to try an operation out would send every filter at once, which
 * finds nothing. What need not be sent has its examples in the schema, which it doesn't fill in, and in words.
 */
function offerExamples(parameter: Parameter): void {
  const { schema, description, example, examples } = parameter
  const values = example === undefined ? Object.values(examples ?? {}).map(({ value }) => value) : [example]
  if (parameter.required || !schema || values.length === 0) return
  schema.examples = values
  parameter.description = [description, `For example ${values.map(inWords).join(' or ')}.`].filter(Boolean).join(' ')
  delete parameter.example
  delete parameter.examples
}

/**
 * Mends what @fastify/swagger makes: answers that are references get a meaning, and all of them their headers; what has a
 * default need not be sent, nor a body that may be left out; and what need not be sent is not filled in.
 * @param document an OpenAPI document, changed in place
 */
export function finishDocument<D extends object>(document: D): D {
  const { paths = {} } = document as { readonly paths?: Record<string, Record<string, Operation>> }
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const example = operation['x-answer-example']
    for (const [status, answer] of Object.entries(operation.responses ?? {})) {
      if (answer.description === 'Default Response') answer.description = meanings[status] ?? answer.description
      const media = answer.content?.['application/json']
      if (example && media && status.startsWith('2')) media.example = example
      answer.headers = { ...headersOf(operation, status), ...answer.headers }
    }
    delete operation['x-answer-example']
    if (operation['x-optional-body'] && operation.requestBody) operation.requestBody.required = false
    delete operation['x-optional-body']
    for (const parameter of operation.parameters ?? []) {
      if (parameter.schema?.default !== undefined) parameter.required = false
      offerExamples(parameter)
    }
  }
  return document
}
