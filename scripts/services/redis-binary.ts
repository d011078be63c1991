import { execFile } from 'node:child_process'
import { constants, existsSync } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { processEnvironment } from '../../src/config.ts'

const run = promisify(execFile)
const servicesDir = path.join(import.meta.dirname, '..', '..', '.services')

// The server and what it links to beyond the C library; in Debian and Ubuntu alike.
const packages = 'redis-server redis-tools libjemalloc2 liblzf1 liblua5.1-0 lua-cjson lua-bitop libatomic1'.split(' ')

export type RedisBinary = { program: string; env: Record<string, string> }

export const howToInstall = 'install Redis or Valkey (apt install redis-server, dnf install valkey, brew install redis)'

/**
 * A Redis to run: `redis-server` or `valkey-server` of the PATH, else the distribution's own packages unpacked under
 * `.services/`, which needs no root and installs nothing.
 * @throws Error that says how to install one, where none of these is to be had
 */
export async function redisBinary(log: (line: string) => void): Promise<RedisBinary> {
  const installed = await onPath(['redis-server', 'valkey-server'])
  if (installed) return { program: installed, env: {} }
  const unpacked = path.join(servicesDir, 'redis')
  if (!existsSync(unpacked)) await unpackPackages(unpacked, log)
  const libraries: string[] = []
  for (const parent of ['usr/lib', 'lib']) {
    const names = await readdir(path.join(unpacked, parent)).catch(() => [])
    libraries.push(...names.filter((name) => name.endsWith('-gnu')).map((name) => path.join(unpacked, parent, name)))
  }
  return { program: path.join(unpacked, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: libraries.join(':') } }
}

async function onPath(names: string[]): Promise<string | undefined> {
  for (const directory of (processEnvironment().PATH ?? '').split(path.delimiter).filter((part) => part !== '')) {
    for (const name of names) {
      const file = path.join(directory, name)
      if (
        await access(file, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return file
    }
  }
  return undefined
}

async function unpackPackages(target: string, log: (line: string) => void) {
  if (!(await onPath(['apt-get'])) || !(await onPath(['dpkg'])))
    throw new Error(`there is no Redis here: ${howToInstall}`)
  log('fetching the packages of Redis from the distribution, once')
  await mkdir(servicesDir, { recursive: true })
  const work = await mkdtemp(path.join(servicesDir, 'fetching-'))
  try {
    const root = path.join(work, 'root')
    await download(work)
    await mkdir(root)
    const archives = (await readdir(work)).filter((name) => name.endsWith('.deb'))
    for (const archive of archives) await run('dpkg', ['-x', path.join(work, archive), root])
    await rename(root, target).catch((error) => {
      if (!existsSync(target)) throw error // else another process was faster, and its copy does as well
    })
  } catch (error) {
    const reason = ((error as { stderr?: string }).stderr ?? String(error)).trim().split('\n').at(-1)
    throw new Error(`there is no Redis here, and fetching its packages failed (${reason}): ${howToInstall}`)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function download(work: string) {
  const inWork = { cwd: work, timeout: 120_000 }
  const asIs = ['-o', 'APT::Sandbox::User=root', '-o', 'Debug::NoLocking=1']
  const known = await run('apt-get', [...asIs, 'download', ...packages], inWork).then(
    () => true,
    () => false,
  )
  if (known) return
  // A bare machine has no package lists. Lists of our own need no root and leave the machine's alone.
  await mkdir(path.join(work, 'lists', 'partial'), { recursive: true })
  await mkdir(path.join(work, 'cache', 'archives', 'partial'), { recursive: true })
  const own = [...asIs, '-o', `Dir::State::lists=${work}/lists`, '-o', `Dir::Cache=${work}/cache`]
  await run('apt-get', [...own, 'update'], inWork)
  await run('apt-get', [...own, 'download', ...packages], inWork)
}
