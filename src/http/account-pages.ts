import type { App } from './app-type.ts'
import { cardPage } from './card-page.ts'
import { pageHeaders } from './security.ts'

interface AccountPage {
  readonly path: string
  readonly title: string
  readonly content: string
}

/**
 * The pages that mails lead to. The token is in the fragment of their address, which no server, log or Referer sees;
 * their script takes it from there to the API.
 */
const pages: readonly AccountPage[] = [
  {
    path: '/verify-email',
    title: 'Your e-mail address',
    content: '<p class="outcome" role="status">One moment …</p>',
  },
  {
    path: '/reset-password',
    title: 'A new password',
    content: `<p class="outcome" role="status"></p>
<form hidden>
<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="8"
 aria-describedby="rules">
<button type="button" class="plain" aria-pressed="false" aria-controls="password">Show</button>
<button>Save</button>
<p id="rules" class="status">8 characters or more. A few words that you alone would put together are best.</p>
</form>`,
  },
  {
    path: '/unsubscribe',
    title: 'Mails from LemonNPie',
    content: `<p class="outcome" role="status"></p>
<form hidden>
<button>Send me no more of these</button>
</form>`,
  },
]

const withoutScript = 'This page needs JavaScript, since it takes the secret of your link to the server by itself.'

/** Serves the pages for the links of mails, so that they lead somewhere without any other front end. */
export function serveAccountPages(app: App): void {
  for (const page of pages) {
    const html = cardPage({ ...page, script: 'account-page.js', withoutScript })
    app.get(page.path, { config: { access: 'public', operational: true } }, (_request, reply) =>
      reply
        .headers({ ...pageHeaders, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
        .send(html),
    )
  }
}
