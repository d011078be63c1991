import { readFileSync } from 'node:fs'
import { bodyOf, type CachedBody } from '../infra/cache-body.ts'
import type { App } from './app-type.ts'
import { sendBody } from './send-body.ts'

const types = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const

export const assetNames = [
  'favicon.svg',
  'logo.svg',
  'front-page.css',
  'front-page.js',
  'account-page.css',
  'account-page.js',
  'job-board.js',
] as const
const cacheControl = 'public, max-age=3600'

/** The bytes of a file of the pages of ours. */
export const assetBytes = (name: string): Buffer => readFileSync(new URL(`./assets/${name}`, import.meta.url))

/** Serves the files of our pages under /assets, and the icon where browsers look for it unasked. */
export function serveAssets(app: App): void {
  const serve = (path: string, body: CachedBody, contentType: string): void => {
    app.get(path, { config: { access: 'public', operational: true } }, (request, reply) =>
      sendBody(request, reply, body, cacheControl, contentType),
    )
  }
  for (const name of assetNames) {
    const extension = name.split('.').at(-1) as keyof typeof types
    serve(`/assets/${name}`, bodyOf(assetBytes(name)), types[extension])
  }
  serve('/favicon.ico', bodyOf(assetBytes('favicon.svg')), types.svg)
}
