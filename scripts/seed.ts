import { openProjectDatabase } from './project-database.ts'
import { seedArguments, seedUsage, UsageError } from './seed/arguments.ts'
import { CatalogueError } from './seed/catalogue-problems.ts'
import { forgetEverywhere } from './seed/forget.ts'
import { generateCatalogue } from './seed/generator/generate.ts'
import { seedCatalogue } from './seed/seed-catalogue.ts'
import { openProgress, type Progress } from './seed/terminal.ts'

const connectionCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOENT'])

/** What went wrong, for a person; nothing in it shows a password. */
function explain(error: unknown): string {
  if (error instanceof CatalogueError)
    return `${error.message}:\n${error.problems.map((line) => `  ${line}`).join('\n')}`
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (connectionCodes.has(code))
    return `There is no database to reach (${code}): is DATABASE_URL right, and Postgres running?`
  return error.message
}

const count = (value: number): string => value.toLocaleString('en-US')

/** `36,000 of 100,000 titles (36%), 14,200/s` */
function titleProgress(progress: Progress) {
  const began = performance.now()
  return (done: number, all: number): void => {
    const rate = Math.round(done / ((performance.now() - began) / 1000))
    const text = `${count(done)} of ${count(all)} titles (${Math.floor((100 * done) / all)}%), ${count(rate)}/s`
    if (done < all) progress.update(text)
    else progress.step(text)
  }
}

async function run(argv: readonly string[], progress: Progress): Promise<string> {
  const options = seedArguments(argv)
  if (options.help) return seedUsage
  const database = await openProjectDatabase(progress.step)
  try {
    const began = performance.now()
    const { titles, people, featured, warnings } = await seedCatalogue(database.url, {
      ...options,
      onProgress: progress.step,
    })
    const lines = [
      ...warnings.map((warning) => `warning: ${warning}`),
      `titles: ${count(titles.inserted)} inserted, ${count(titles.updated)} updated, ${count(titles.unchanged)} unchanged`,
      `people: ${count(people.inserted)} inserted, ${count(people.existing)} known`,
      ...(featured > 0 ? [`featured: ${featured} titles`] : []),
    ]
    if (options.scale !== undefined) {
      const { scale, randomSeed } = options
      const handlers = { onProgress: progress.step, onTitles: titleProgress(progress) }
      const made = await generateCatalogue(database.url, { scale, randomSeed, ...handlers })
      lines.push(`generated: ${count(made.titles)} titles, ${count(made.people)} people`)
    }
    await forgetEverywhere(database.url)
    progress.end()
    return `${lines.join('\n')}\ndone in ${((performance.now() - began) / 1000).toFixed(1)} s\n`
  } finally {
    await database.close()
  }
}

const progress = openProgress(process.stderr)
try {
  process.stdout.write(await run(process.argv.slice(2), progress))
} catch (error) {
  progress.end()
  process.stderr.write(`${explain(error)}\n`)
  if (error instanceof UsageError) process.stderr.write('npm run seed -- --help says what can be written here\n')
  process.exitCode = error instanceof UsageError ? 2 : 1
}
