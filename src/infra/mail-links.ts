import type { Config } from '../config.ts'

/** The pages that mails lead to. The token stands in the fragment, which browsers keep to themselves. */
const pages = { verify_email: '/verify-email', reset_password: '/reset-password' } as const

export type LinkedPage = keyof typeof pages

const origin = ({ PUBLIC_URL, HOST, PORT }: Pick<Config, 'PUBLIC_URL' | 'HOST' | 'PORT'>): string => {
  if (PUBLIC_URL) return PUBLIC_URL.replace(/\/+$/, '')
  const host = HOST === '0.0.0.0' ? 'localhost' : HOST === '::' ? '[::1]' : HOST.includes(':') ? `[${HOST}]` : HOST
  return `http://${host}:${PORT}`
}

/** Where LemonNPie itself is. */
export const homeLink = (config: Pick<Config, 'PUBLIC_URL' | 'HOST' | 'PORT'>): string => `${origin(config)}/`

/** The links that end mails: to the page with a button, and to what mail programs post to. */
export const apiLink = (
  config: Pick<Config, 'PUBLIC_URL' | 'HOST' | 'PORT'>,
  to: 'unsubscribe' | 'unsubscribe_post',
  token: string,
): string =>
  to === 'unsubscribe'
    ? `${origin(config)}/unsubscribe#token=${encodeURIComponent(token)}`
    : `${origin(config)}/api/v1/notifications/unsubscribe?token=${encodeURIComponent(token)}`

/** The link of a mail, from PUBLIC_URL or else to this machine. */
export const linkTo = (config: Pick<Config, 'PUBLIC_URL' | 'HOST' | 'PORT'>, page: LinkedPage, token: string): string =>
  `${origin(config)}${pages[page]}#token=${encodeURIComponent(token)}`
