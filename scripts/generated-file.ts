import { readFileSync, writeFileSync } from 'node:fs'

/** A file that a script makes whole, or a part of one. */
export interface GeneratedFile {
  readonly path: string
  readonly content: string
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Puts generated text between two marker lines of a page that is otherwise written by hand.
 * @param name the markers are `<!-- name:start … -->` and `<!-- name:end -->`, each alone on its line
 * @throws Error when the page lacks them
 */
export function betweenMarkers(page: string, name: string, content: string): string {
  const pattern = new RegExp(`(^<!-- ${name}:start[^\\n]*-->\\n)[\\s\\S]*?(^<!-- ${name}:end -->$)`, 'm')
  if (!pattern.test(page)) throw new Error(`the page has no lines <!-- ${name}:start --> and <!-- ${name}:end -->`)
  return page.replace(pattern, (_all, start: string, end: string) => `${start}\n${content.trim()}\n\n${end}`)
}

/**
 * Writes the files, or only compares them.
 * @param mode `--check` compares, nothing writes
 * @returns exit code: 1 when a file is stale in `--check`
 */
export function writeOrCheck(files: readonly GeneratedFile[], mode: string | undefined, command: string): number {
  const stale = files.filter(({ path, content }) => read(path) !== content)
  if (mode === '--check') {
    for (const { path } of stale)
      console.error(`${path} is not what \`${command}\` makes: run it and commit the result`)
    return stale.length > 0 ? 1 : 0
  }
  try {
    for (const { path, content } of stale) writeFileSync(path, content)
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
  console.log(stale.length > 0 ? `wrote ${stale.map(({ path }) => path).join(', ')}` : 'nothing has changed')
  return 0
}
