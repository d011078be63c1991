// The search box of the front page. What comes from the API is only ever put in as text.
const form = document.querySelector('form')
const input = document.querySelector('input')
const status = document.querySelector('.status')
const list = document.querySelector('.results')
const pause = 200
let timer
let latest = 0

const element = (name, text) => {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  return made
}

const names = (things) => (things ?? []).map((thing) => thing.name).join(', ')

/** Where it matched, the words that did in <mark>. */
function excerpt(pieces) {
  const line = element('small')
  line.className = 'excerpt'
  line.append(...pieces.map(({ text, match }) => element(match ? 'mark' : 'span', text)))
  return line
}

/** What brought a title up that its row does not show anyway: "actor: Sola Sobowale". */
const shown = new Set(['title', 'director', 'genre', 'year'])
const reasons = (matched) =>
  matched
    .filter(({ field, value }) => value !== null && !shown.has(field))
    .slice(0, 2)
    .map(({ field, value }) => `${field.replaceAll('_', ' ')}: ${value}`)
    .join(' · ')

function row(title) {
  const item = element('li')
  const link = element('a', title.title)
  link.href = `/api/v1/${title.type === 'series' ? 'series' : 'movies'}/${encodeURIComponent(title.slug)}`
  item.append(link)
  if (title.release_year) item.append(element('span', ` (${title.release_year})`))
  const reason = reasons(title.matched ?? [])
  const about = [names(title.directors), names(title.genres)].filter((part) => part !== '').join(' · ')
  if (about !== '') item.append(element('small', about))
  if (reason !== '') item.append(element('small', reason))
  else if (title.matched?.some(({ field }) => field === 'plot')) item.append(excerpt(title.snippet))
  return item
}

function show({ data, did_you_mean: nearest }) {
  list.replaceChildren(...(data.length > 0 ? data : nearest).map(row))
  status.textContent = data.length > 0 ? '' : nearest.length > 0 ? 'Nothing found. Did you mean:' : 'Nothing found.'
}

async function search() {
  const query = input.value.trim()
  const turn = ++latest
  if (query === '') {
    list.replaceChildren()
    status.textContent = ''
    return
  }
  try {
    const response = await fetch(`/api/v1/search?${new URLSearchParams({ q: query, limit: '8' })}`)
    const answer = await response.json()
    if (turn !== latest) return
    if (response.ok) show(answer)
    else status.textContent = answer.message
  } catch {
    if (turn === latest) status.textContent = 'The search does not answer just now.'
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  clearTimeout(timer)
  search()
})
const asked = new URLSearchParams(location.search).get('q')
if (asked !== null) {
  input.value = asked
  search()
}
for (const part of document.querySelectorAll('.origin')) part.textContent = location.origin

input.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(search, pause)
})
