import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** How to run a program of Postgres: what to spawn, as whom, and who is to own its files (undefined: ourselves). */
export type Launcher = {
  command: (program: string, args: string[]) => { program: string; args: string[]; uid?: number; gid?: number }
  owner?: { uid: number; gid: number }
}

const asOurselves: Launcher = { command: (program, args) => ({ program, args }) }

/**
 * Postgres refuses to run as root. As root we run it as the system's `postgres` user, made here when there is none. That
 * user must reach the programs and the data: where a parent directory is closed to it (a checkout under /root), it is
 * given the one capability to pass through directories, and where that isn't allowed this throws and says what to do.
 */
export async function launcherFor(program: string, dataDir: string): Promise<Launcher> {
  if (process.getuid?.() !== 0) return asOurselves
  const owner = (await accountIds()) ?? (await createAccount())
  const { uid, gid } = owner
  const direct: Launcher = { owner, command: (name, args) => ({ program: name, args, uid, gid }) }
  const withCapability = (capability: string): Launcher => ({
    owner,
    command: (name, args) => ({
      program: 'setpriv',
      args: [
        `--reuid=${uid}`,
        `--regid=${gid}`,
        '--clear-groups',
        '--securebits=+no_setuid_fixup', // else access(2), which initdb asks about its programs, leaves capabilities out
        `--inh-caps=+${capability}`,
        `--ambient-caps=+${capability}`,
        name,
        ...args,
      ],
    }),
  })
  for (const launcher of [direct, withCapability('dac_read_search'), withCapability('dac_override')]) {
    if (await reaches(launcher, program, dataDir)) return launcher
  }
  throw new Error(
    `the system user "postgres", as whom Postgres must run because you are root, cannot enter ${dataDir}: ` +
      'move the project out of a private directory (to /opt or /srv, say), open its parents by chmod o+x, or start as another user',
  )
}

async function reaches(launcher: Launcher, program: string, dataDir: string): Promise<boolean> {
  const test = launcher.command('/bin/sh', ['-c', 'test -x "$1" && cd "$2"', 'reach', program, dataDir])
  const { uid, gid } = test
  const ids = uid === undefined || gid === undefined ? {} : { uid, gid }
  return run(test.program, test.args, { cwd: '/', ...ids }).then(
    () => true,
    () => false,
  )
}

async function accountIds() {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

async function createAccount() {
  await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]).catch((error: Error) => {
    throw new Error(
      `Postgres does not run as root, and no system user "postgres" could be made: ${error.message.trim()}`,
    )
  })
  const ids = await accountIds()
  if (!ids) throw new Error('Postgres does not run as root, and the system user "postgres" could not be made')
  return ids
}
