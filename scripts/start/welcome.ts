import { demoAccounts, demoPassword } from '../../src/lib/demo-accounts.ts'

export type Welcome = { url: string; database: string; redis: string; mail: string; demo: boolean }

/** What somebody who has just started it wants to know. */
export function welcome({ url, database, redis, mail, demo }: Welcome): string {
  const lines = [
    '',
    'LemonNPie is running.',
    '',
    `  Site      ${url}/`,
    `  API docs  ${url}/docs`,
    `  Health    ${url}/health/ready`,
    `  Search    ${url}/api/v1/movies/search?q=anikulapo`,
    '',
    `  Database  ${database}`,
    `  Redis     ${redis}`,
    `  Mail      ${mail}`,
  ]
  if (demo) {
    lines.push('', `  Demo accounts (POST ${url}/api/v1/auth/login), password ${demoPassword}`)
    lines.push(...demoAccounts.map(({ email, role }) => `    ${email.padEnd(24)} ${role}`))
  }
  lines.push('', '  Stop it with Ctrl-C.', '')
  return lines.join('\n')
}

/** Where a browser on this machine reaches a server that listens at `host`. */
export function browserUrl(host: string, port: number): string {
  const everywhere = ['0.0.0.0', '::', '127.0.0.1', '::1', 'localhost'].includes(host)
  const name = everywhere ? (host === '::1' ? '[::1]' : host === '127.0.0.1' ? '127.0.0.1' : 'localhost') : host
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`
}
