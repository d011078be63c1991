import { createHash, randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { commandOf } from './processes.ts'

type Owner = { pid: number; command: string }

/** The process that claimed a service's directory and is still alive; undefined when nobody has, or it has died. */
export const liveOwner = async (file: string): Promise<Owner | undefined> => ownerIn(await contentOf(file))

/**
 * Claims a directory for this process by a file in it; throws when a living process has it. Answers with the release.
 * Of several that find the claim of a dead process at the same moment one gets it.
 */
export async function claim(file: string, what: string): Promise<() => Promise<void>> {
  const own = `${file}.${randomUUID()}`
  await recordOwner(own, process.pid)
  try {
    // Linked, so that it is there whole or not at all.
    while (!(await isLinked(own, file))) {
      const found = await contentOf(file)
      const owner = await ownerIn(found)
      if (owner) throw new Error(`${what} is in use by process ${owner.pid} (${owner.command})`)
      if (found !== undefined) await removeDead(file, found, what)
    }
    return () => rm(file, { force: true })
  } finally {
    await rm(own, { force: true })
  }
}

/** Writes down that `pid` runs something, for `liveOwner` to find. */
export async function recordOwner(file: string, pid: number): Promise<void> {
  await writeFile(file, `${pid} ${(await commandOf(pid)) ?? ''}\n${randomUUID()}\n`, { mode: 0o600 })
}

/**
 * Removes what a dead process wrote, and never what somebody else has written meanwhile: no two claims are alike, and
 * whoever removes this one holds a claim to do so.
 */
async function removeDead(file: string, content: string, what: string) {
  const release = await claim(`${file}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}`, what)
  try {
    if ((await contentOf(file)) === content) await rm(file, { force: true })
  } finally {
    await release()
  }
}

async function ownerIn(content: string | undefined): Promise<Owner | undefined> {
  const [, pid, command] = /^(\d+) (.+?)(?:\n[0-9a-f-]{36})?$/s.exec(content?.trim() ?? '') ?? []
  if (!pid || !command) return undefined
  // The command line tells the process that wrote this from a later one that was given the same number.
  return (await commandOf(Number(pid))) === command ? { pid: Number(pid), command } : undefined
}

const contentOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
