import { parseArgs } from 'node:util'
import { writeOrCheck } from './generated-file.ts'
import { openApiDocument } from './openapi-document.ts'

const usage = `npm run openapi -- [options]

Writes the OpenAPI 3.1 document of the HTTP interface, from the routes as they are declared. It needs no database.

  --output FILE   where to (default openapi.json)
  --check         write nothing; fail when the file is not what would be written
  --help          this

Exit codes: 0 done, 1 stale or failed, 2 wrong usage.
`

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        output: { type: 'string', default: 'openapi.json' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    console.error(`${(error as Error).message}\nnpm run openapi -- --help says what can be written here`)
    return undefined
  }
}

const options = parse(process.argv.slice(2))
if (!options) process.exitCode = 2
else if (options.help) console.log(usage)
else {
  const file = { path: options.output, content: await openApiDocument() }
  process.exitCode = writeOrCheck([file], options.check ? '--check' : undefined, 'npm run openapi')
}
