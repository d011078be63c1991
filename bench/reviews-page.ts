import type { CommunitySize, ScaledDatabase } from './database.ts'
import { plansSentence, ratio, setting } from './page.ts'
import { type Cell, figure, loadCells, loadHead, table } from './report.ts'
import type { Measured, Paged, ReviewsBench } from './reviews.ts'

interface Results {
  readonly database: ScaledDatabase
  readonly size: CommunitySize
  readonly measured: ReviewsBench
  readonly load: { readonly seconds: number; readonly rounds: number }
}

const measuredTable = (rows: readonly Measured[]): string =>
  table(
    ['', 'connections', ...loadHead],
    rows.map(({ name, connections, result }) => [name, connections, ...loadCells(result)]),
  )

const pagedRows = ({ name, first, deep }: Paged): Cell[][] => [
  [`${name}: first page`, ...loadCells(first), '', ''],
  [`${name}: deep page`, ...loadCells(deep), ratio(deep.p50 / first.p50), ratio(deep.p95 / first.p95)],
]

export const reviewsHeading = '## Reviews'

/** The section of docs/performance.md about reviews. */
export function reviewsSection({ database, size, measured, load }: Results): string {
  const { title, writing, pending, voting, hotVotes, lists, bytes, bare, inside, offset, plans } = measured
  const seeded =
    database.seededIn === null
      ? ''
      : ` Accounts and reviews were seeded in ${figure(database.seededIn)} s, indexes, scores and search included.`
  return `${reviewsHeading}

${setting()}

${figure(database.titles)} titles, ${figure(size.users)} accounts and ${figure(size.reviews)} reviews (\`npm run bench -- --only reviews\`).${seeded} Requests are by
accounts that are signed in, over HTTP, logging, metrics and security headers on, rate limits off: ${load.seconds} s a time, ${load.rounds} rounds in
turns with what stands below each; the middle one counts. The load generator, the API and Postgres share the processors.

### Writing and voting

Every review is by another account on another title, or by one of them an hour's worth at most; ${figure(pending)} of them waited for a
moderator. The insert alone keeps the scores by its triggers, but looks at no text. All votes are on one review, which had ${figure(hotVotes)},
by accounts that had not voted on it; its counters were compared with its votes afterwards.

${measuredTable([...writing, ...voting])}

### The list of a title with ${figure(title.reviews)} reviews

Pages of 21, so that none is kept; deep ones come after ${figure(title.depth)} reviews, fifty different ones by turns. A bare route that sends the
${figure(bytes)} bytes of a first page: ${figure(bare.rate)} per second, p50 ${figure(bare.p50)} ms, p95 ${figure(bare.p95)} ms. The last two are the newest page's statement alone,
straight to Postgres, and what it would be by OFFSET.

${table(
  ['', ...loadHead, 'deep / first, p50', 'p95'],
  [...lists, { ...inside, name: `statement ${inside.name}` }, { ...offset, name: `statement ${offset.name}` }].flatMap(
    pagedRows,
  ),
)}

### Plans of reviews

${plansSentence(plans, 'bench/results/review-plans.txt')}`
}
