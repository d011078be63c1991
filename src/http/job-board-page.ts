import { boardPath } from './job-board.ts'

/** Where the board is opened: by the session of this browser, or else by signing in. Its script does it. */
export const jobBoardPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="theme-color" content="#008751">
<title>Job queues · LemonNPie</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
<link rel="stylesheet" href="/assets/front-page.css">
<link rel="stylesheet" href="/assets/account-page.css">
<script defer src="/assets/job-board.js"></script>
</head>
<body>
<header>
<a href="/"><img src="/assets/logo.svg" alt="LemonNPie" width="520" height="128"></a>
</header>
<main>
<section class="card">
<h1>Job queues</h1>
<p class="outcome" role="status">One moment …</p>
<form hidden data-board="${boardPath}/">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button>
</form>
<noscript><p>This page needs JavaScript.</p></noscript>
</section>
</main>
<footer>LemonNPie · Nollywood, found and reviewed</footer>
</body>
</html>
`
