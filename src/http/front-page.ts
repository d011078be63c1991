import type { Needs } from '../context.ts'
import type { App } from './app-type.ts'
import { countFrontPage, type FrontPageCounts } from './front-page.queries.ts'
import { pageHeaders } from './security.ts'

const countsKey = { family: 'front-page', id: 'counts', ttlSeconds: 60 } as const

const countAll = ({ cache, readDb }: Needs<'cache' | 'readDb'>): Promise<FrontPageCounts> =>
  cache.remember(countsKey, () => countFrontPage(readDb))

const count = (value: number, label: string): string =>
  `<div><dt>${label}</dt><dd>${value.toLocaleString('en-NG')}</dd></div>`

const countsOf = (counts: FrontPageCounts | null): string =>
  counts === null
    ? ''
    : `<dl class="counts">${count(counts.titles, 'titles')}${count(counts.people, 'people')}${count(counts.genres, 'genres')}</dl>`

/** Everything in it is ours: nothing that users or the catalogue say is put into the markup. */
const page = (counts: FrontPageCounts | null): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="LemonNPie: find and review Nollywood films and series. A free HTTP API.">
<meta name="theme-color" content="#008751">
<title>LemonNPie · Nollywood, found and reviewed</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
<link rel="stylesheet" href="/assets/front-page.css">
<script defer src="/assets/front-page.js"></script>
</head>
<body>
<header>
<img src="/assets/logo.svg" alt="LemonNPie" width="520" height="128">
<p>Nollywood, found and reviewed: films and series with their people, names and languages, and a search that forgives
typos and missing tone marks.</p>
</header>
<main>
<section class="card">
<form action="/api/v1/search" role="search">
<input id="q" name="q" type="search" maxlength="200" required autocomplete="off" spellcheck="false"
 aria-label="Search Nollywood" placeholder="king of boys, oloture, kunle afolayan …">
<button>Search</button>
</form>
<p class="status" role="status"></p>
<ol class="results"></ol>
</section>
${countsOf(counts)}
<section class="card">
<h2>For developers</h2>
<ul class="links">
<li><a href="/docs">API documentation<small>every operation, with examples to try</small></a></li>
<li><a href="/openapi.json">OpenAPI 3.1<small>for client generators</small></a></li>
<li><a href="/asyncapi.json">AsyncAPI 3<small>what is told live, over a WebSocket</small></a></li>
<li><a href="/api/v1/movies">Titles<small>the catalogue as JSON</small></a></li>
<li><a href="/health/ready">Health<small>what works, and how fast</small></a></li>
</ul>
<pre><code>curl '<span class="origin"></span>/api/v1/search?q=anikulapo'</code></pre>
</section>
</main>
<footer>LemonNPie is free software under the MIT licence.</footer>
</body>
</html>
`

/** The page for people at `/`; without the database it is the same without the counts. */
export function serveFrontPage(app: App, ctx: Needs<'cache' | 'readDb' | 'log'>): void {
  app.get('/', { config: { access: 'public', operational: true } }, async (_request, reply) => {
    const counts = await countAll(ctx).catch((error: unknown) => {
      ctx.log.warn({ err: error }, 'the front page is shown without its counts')
      return null
    })
    return reply
      .headers({
        ...pageHeaders,
        'content-type': 'text/html; charset=utf-8',
        'cache-control': counts === null ? 'no-store' : 'public, max-age=60',
      })
      .send(page(counts))
  })
}
