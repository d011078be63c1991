// The pages that mails lead to: /verify-email#token=…, /reset-password#token=… and /unsubscribe#token=…
const outcome = document.querySelector('.outcome')
const form = document.querySelector('form')

/** Taken out of the address at once, so that neither the history nor whoever looks at the screen has it. */
const token = new URLSearchParams(location.hash.slice(1)).get('token')
history.replaceState(null, '', location.pathname)

function say(text, kind) {
  outcome.className = `outcome ${kind}`
  outcome.textContent = text
}

/** What is wrong, in the words of the API. */
function problemOf(answer) {
  const details = (answer.details ?? []).map(({ message }) => message).filter((message) => typeof message === 'string')
  return details.length > 0 ? `${answer.message}: ${details.join('; ')}` : answer.message
}

/** @returns whether it went well; what went wrong is shown */
async function call(path, options) {
  try {
    const response = await fetch(`/api/v1/${path}`, { ...options, credentials: 'same-origin' })
    if (response.ok) return true
    const answer = await response.json()
    say(problemOf(answer), 'bad')
  } catch {
    say('The server does not answer just now. Please try again in a minute.', 'bad')
  }
  return false
}

const incomplete = 'This link is not complete. Please open it from the mail once more, or copy all of it.'

async function verify() {
  if (token === null) return say(incomplete, 'bad')
  if (await call(`auth/verify-email/${encodeURIComponent(token)}`, {})) {
    say('Thank you: your e-mail address is confirmed. You can close this page.', 'good')
  }
}

function askForPassword() {
  if (token === null) return say(incomplete, 'bad')
  const input = form.querySelector('input')
  const [show, save] = form.querySelectorAll('button')
  form.hidden = false
  input.focus()
  show.addEventListener('click', () => {
    const shown = input.type === 'password'
    input.type = shown ? 'text' : 'password'
    show.textContent = shown ? 'Hide' : 'Show'
    show.setAttribute('aria-pressed', String(shown))
  })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    save.disabled = true
    const saved = await call('auth/reset-password', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, password: input.value }),
    })
    save.disabled = false
    if (!saved) return
    form.remove()
    say('Your new password is saved, and every device was signed out. You can sign in with it now.', 'good')
  })
}

function askToUnsubscribe() {
  if (token === null) return say(incomplete, 'bad')
  form.hidden = false
  say('Do you want no more mails like the one that led you here?', '')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const ended = await call('notifications/unsubscribe', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    if (!ended) return
    form.remove()
    say('Done: you will get no more of these. What you are told, and how, is in your settings.', 'good')
  })
}

if (form === null) verify()
else if (location.pathname === '/unsubscribe') askToUnsubscribe()
else askForPassword()
