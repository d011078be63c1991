import { setImmediate as turn } from 'node:timers/promises'
import type pg from 'pg'
import { copyLines } from '../copy.ts'
import { generatedId, generatedSerial } from '../generated-ids.ts'
import { day, opening } from './moments.ts'
import type { PlannedTitle, PlannedUsers } from './review-plan.ts'
import { type ReviewLines, type ReviewWorld, reviewLines, reviewTargets } from './review-rows.ts'

/** A title that nobody has seen yet has no reviews. */
const outFor = 30 * day

/** All titles that are out, the best known first. */
export async function reviewableTitles(client: pg.ClientBase, today: number): Promise<PlannedTitle[]> {
  const { rows } = await client.query<{ id: string; released: number | null; dated: boolean }>(
    `select m.id, m.release_precision = 'day' as dated,
       (extract(epoch from coalesce(m.release_date, make_date(m.release_year, 1, 1))::timestamp at time zone 'Africa/Lagos')
         - $1)::double precision as released
     from movies m join movie_stats s on s.movie_id = m.id
     where not is_before_release(m.release_date, m.release_year, to_timestamp($2))
     order by s.popularity desc, m.id`,
    [opening, opening + today - outFor],
  )
  return rows.map(({ id, released, dated }) => ({ id, released, isDated: dated }))
}

/** All generated accounts, in the order of their ids. */
export async function plannedUsers(client: pg.ClientBase): Promise<PlannedUsers> {
  const { rows } = await client.query<{ id: string; joined: number; critic: boolean }>(
    `select id, (extract(epoch from created_at) - $1)::double precision as joined, role = 'critic' as critic
     from users where id between $2 and $3 order by id`,
    [opening, generatedId('user', 0), generatedId('user', 2 ** 48 - 1)],
  )
  return {
    ids: rows.map(({ id }) => id),
    joined: Uint32Array.from(rows, ({ joined }) => Math.max(0, joined)),
    isCritic: Uint8Array.from(rows, ({ critic }) => Number(critic)),
  }
}

/** For each title by its place, who of the accounts by theirs has reviewed it already. */
export async function reviewersSoFar(
  client: pg.ClientBase,
  titles: readonly PlannedTitle[],
  users: PlannedUsers,
): Promise<Map<number, number[]>> {
  const { rows } = await client.query<{ movie_id: string; authors: string[] }>(
    `select movie_id, array_agg(right(user_id::text, 12)) as authors from reviews
     where user_id between $1 and $2 group by movie_id`,
    [generatedId('user', 0), generatedId('user', 2 ** 48 - 1)],
  )
  const placeOfTitle = new Map(titles.map(({ id }, place) => [id, place]))
  const placeOfUser = new Map(users.ids.map((id, place) => [generatedSerial(id), place]))
  return new Map(
    rows.flatMap(({ movie_id, authors }) => {
      const place = placeOfTitle.get(movie_id)
      if (place === undefined) return []
      return [[place, authors.map((serial) => placeOfUser.get(Number.parseInt(serial, 16))!)] as const]
    }),
  )
}

const batchSize = 10_000
/** After so many reviews (5 ms) the event loop has a turn, so that the batch before goes on being written. */
const perTurn = 200

async function batchOf(world: ReviewWorld, first: number, start: number, end: number): Promise<ReviewLines> {
  const lines: ReviewLines = { reviews: [], tags: [], votes: [] }
  for (let place = start; place < end; place += perTurn) {
    const made = reviewLines(world, first, place, Math.min(end, place + perTurn))
    for (const target of Object.keys(lines) as (keyof ReviewLines)[])
      for (const line of made[target]) lines[target].push(line)
    await turn()
  }
  return lines
}

/** Writes all reviews of the plan with their tags and votes; while one batch is written, the next is made. @returns how many votes */
export async function writeReviews(
  client: pg.ClientBase,
  world: ReviewWorld,
  first: number,
  onReviews: (done: number) => void,
): Promise<number> {
  const all = world.plan.at.length
  const make = (start: number) => batchOf(world, first, start, Math.min(all, start + batchSize))
  let votes = 0
  let making = make(0)
  for (let start = 0; start < all; start += batchSize) {
    const lines = await making
    const [made] = await Promise.all([make(Math.min(all, start + batchSize)), writeLines(client, lines)])
    making = Promise.resolve(made)
    votes += lines.votes.length
    onReviews(Math.min(all, start + batchSize))
  }
  return votes
}

async function writeLines(client: pg.ClientBase, lines: ReviewLines): Promise<void> {
  for (const [target, columns] of Object.entries(reviewTargets)) {
    await copyLines(client, columns, lines[target as keyof ReviewLines])
  }
}
