import { openProjectDatabase } from './project-database.ts'
import { type SeedArguments, seedArguments, seedUsage, UsageError } from './seed/arguments.ts'
import { CatalogueError } from './seed/catalogue-problems.ts'
import { growCommunity } from './seed/community/community.ts'
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

/** `36,000 of 100,000 titles (36%), 14,200/s`, the rate since the step began. */
function rowProgress(progress: Progress) {
  let began = performance.now()
  const onProgress = (step: string): void => {
    began = performance.now()
    progress.step(step)
  }
  const onRows = (what: string, done: number, all: number): void => {
    const rate = Math.round(done / ((performance.now() - began) / 1000))
    const text = `${count(done)} of ${count(all)} ${what} (${Math.floor((100 * done) / all)}%), ${count(rate)}/s`
    if (done < all) progress.update(text)
    else progress.step(text)
  }
  return { onProgress, onRows }
}

/** What is made up, as far as it is asked for. @returns lines about it */
async function generate(url: string, options: SeedArguments, progress: Progress): Promise<string[]> {
  const { scale, users, reviews, follows, randomSeed } = options
  const lines: string[] = []
  const { onProgress, onRows } = rowProgress(progress)
  if (scale !== undefined) {
    const onTitles = (done: number, all: number) => onRows('titles', done, all)
    const made = await generateCatalogue(url, { scale, randomSeed, onProgress, onTitles })
    lines.push(`generated: ${count(made.titles)} titles, ${count(made.people)} people`)
  }
  if ((users ?? reviews ?? follows) !== undefined) {
    const made = await growCommunity(url, { ...options, onProgress, onRows })
    lines.push(
      `generated: ${count(made.users)} accounts, ${count(made.reviews)} reviews, ${count(made.votes)} votes, ` +
        `${count(made.follows)} follows`,
    )
  }
  return lines
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
    lines.push(...(await generate(database.url, options, progress)))
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
