export interface CardPage {
  readonly title: string
  /** Name of its script below /assets. */
  readonly script: string
  /** Markup, ours alone. */
  readonly content: string
  /** What it says where there is no JavaScript. */
  readonly withoutScript: string
}

/** A small page of one card, which no search engine lists. */
export const cardPage = ({ title, script, content, withoutScript }: CardPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="theme-color" content="#008751">
<title>${title} · LemonNPie</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
<link rel="stylesheet" href="/assets/front-page.css">
<link rel="stylesheet" href="/assets/account-page.css">
<script defer src="/assets/${script}"></script>
</head>
<body>
<header>
<a href="/"><img src="/assets/logo.svg" alt="LemonNPie" width="520" height="128"></a>
</header>
<main>
<section class="card">
<h1>${title}</h1>
${content}
<noscript><p>${withoutScript}</p></noscript>
</section>
</main>
<footer>LemonNPie · Nollywood, found and reviewed</footer>
</body>
</html>
`
