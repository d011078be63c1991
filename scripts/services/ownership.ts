import { readFile, rm, writeFile } from 'node:fs/promises'
import { commandOf } from './processes.ts'

type Owner = { pid: number; command: string }

/** The process that claimed a service's directory and is still alive; undefined when nobody has, or it has died. */
export async function liveOwner(file: string): Promise<Owner | undefined> {
  const raw = await readFile(file, 'utf8').catch(() => '')
  const match = /^(\d+) (.+)$/s.exec(raw.trim())
  if (!match?.[1] || !match[2]) return undefined
  const owner = { pid: Number(match[1]), command: match[2] }
  // The command line tells the process that wrote this from a later one that was given the same number.
  return (await commandOf(owner.pid)) === owner.command ? owner : undefined
}

/** Claims a directory for this process by a file in it; throws when a living process has it. Answers with the release. */
export async function claim(file: string, what: string): Promise<() => Promise<void>> {
  const content = await description(process.pid)
  for (let attempt = 0; attempt < 2; attempt++) {
    const created = await writeFile(file, content, { flag: 'wx', mode: 0o600 }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false
        throw error
      },
    )
    if (created) return () => rm(file, { force: true })
    const owner = await liveOwner(file)
    if (owner) throw new Error(`${what} is in use by process ${owner.pid} (${owner.command})`)
    await rm(file, { force: true })
  }
  throw new Error(`${what} is being started by another process`)
}

/** Writes down that `pid` runs something, for `liveOwner` to find. */
export async function recordOwner(file: string, pid: number): Promise<void> {
  await writeFile(file, await description(pid), { mode: 0o600 })
}

const description = async (pid: number): Promise<string> => `${pid} ${(await commandOf(pid)) ?? ''}\n`
