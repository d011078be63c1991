import { cardPage } from './card-page.ts'
import { boardPath } from './job-board.ts'

/** Where the board is opened: by the session of this browser, or else by signing in. Its script does it. */
export const jobBoardPage = cardPage({
  title: 'Job queues',
  script: 'job-board.js',
  content: `<p class="outcome" role="status">One moment …</p>
<form hidden data-board="${boardPath}/">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button>
</form>`,
  withoutScript: 'This page needs JavaScript.',
})
