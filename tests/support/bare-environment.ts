import path from 'node:path'

/** What a process that a test starts finds in its environment, beside what the test gives it. */
export const bareEnvironment = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  // Half of what a command line does until it says a word is to compile itself.
  NODE_COMPILE_CACHE: path.join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'compiled'),
}
