import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type CheckedCatalogue, checkCatalogue } from './catalogue-problems.ts'
import { SeedError } from './seed-error.ts'

export const shippedCatalogue = fileURLToPath(new URL('../../db/seeds/catalogue.json', import.meta.url))

/**
 * Reads and checks a catalogue file.
 * @throws SeedError when there is no such file or it is no JSON, CatalogueError when what it says can't be
 */
export async function readCatalogue(file: string, options: { ignoreUnknownKeys?: boolean }): Promise<CheckedCatalogue> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code
    throw new SeedError(reason === 'ENOENT' ? `There is no file ${file}` : `${file} can't be read (${reason})`, {
      cause: error,
    })
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new SeedError(`${file} is no JSON: ${(error as Error).message}`, { cause: error })
  }
  return checkCatalogue(parsed, options)
}
