import { copyLine } from '../copy.ts'
import type { Random } from '../generator/random.ts'
import { day, timestamp, waiting } from './moments.ts'
import type { PlannedUsers } from './review-plan.ts'
import { pickFree } from './shares.ts'

/** Most reviews get a vote or none, a few get thousands. */
const tail = 1.5
const scale = 0.8
const mostVotes = 3000

export interface CastVotes {
  readonly helpful: number
  readonly unhelpful: number
}

/** Adds the votes on one review to the lines; its author casts none. */
export function castVotes(
  lines: string[],
  random: Random,
  review: { readonly id: string; readonly author: number; readonly at: number },
  voters: { readonly users: PlannedUsers; readonly pick: (random: Random) => number; readonly today: number },
): CastVotes {
  const { users, pick, today } = voters
  const drawn = Math.floor(scale * ((1 - random.next()) ** (-1 / tail) - 1))
  const count = Math.min(drawn, mostVotes, Math.floor(users.ids.length / 8))
  // What is worth reading is so to most.
  const quality = 0.35 + 0.65 * Math.sqrt(random.next())
  const taken = new Set([review.author])
  let helpful = 0
  for (let vote = 0; vote < count; vote++) {
    const voter = pickFree(random, pick, users.ids.length, taken)
    const isHelpful = random.chance(quality)
    if (isHelpful) helpful += 1
    const since = Math.max(review.at, users.joined[voter]!)
    const at = Math.min(today, since + Math.ceil(waiting(random, 10 * day)))
    lines.push(copyLine([review.id, users.ids[voter]!, isHelpful ? 'helpful' : 'unhelpful', 1, timestamp(at)]))
  }
  return { helpful, unhelpful: count - helpful }
}
