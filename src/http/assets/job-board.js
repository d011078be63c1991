// /job-board: opens the board of the job queues to administrators.
const outcome = document.querySelector('.outcome')
const form = document.querySelector('form')
const button = form.querySelector('button')

function say(text, kind) {
  outcome.className = `outcome ${kind}`
  outcome.textContent = text
}

async function post(path, { body, token } = {}) {
  const response = await fetch(`/api/v1/${path}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer = response.status === 204 ? null : await response.json()
  if (!response.ok) throw Object.assign(new Error(answer.message), { status: response.status })
  return answer
}

const away = 'The server does not answer just now. Please try again in a minute.'

/** Exchanges a token for the board's cookie, and goes there. */
async function open(token) {
  await post('admin/job-board-sessions', { token })
  location.replace(form.dataset.board)
}

function ask(text) {
  say(text, '')
  form.hidden = false
  form.querySelector('input').focus()
}

async function openBySession() {
  try {
    const { access_token: token } = await post('auth/refresh')
    await open(token)
  } catch (error) {
    if (error.status === undefined) return say(away, 'bad')
    ask(error.status === 403 ? 'Sign in as an administrator.' : 'Sign in to see the job queues.')
  }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  button.disabled = true
  try {
    const { email, password } = Object.fromEntries(new FormData(form))
    const { access_token: token } = await post('auth/login', { body: { email, password, cookie: true } })
    await open(token)
  } catch (error) {
    say(error.status === undefined ? away : error.message, 'bad')
  }
  button.disabled = false
})

openBySession()
