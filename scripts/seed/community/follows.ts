import type pg from 'pg'
import { copyLine, copyLines } from '../copy.ts'
import { generatedId, generatedSerial } from '../generated-ids.ts'
import { type Random, randomFor } from '../generator/random.ts'
import { day, timestamp, waiting } from './moments.ts'
import type { PlannedUsers } from './review-plan.ts'
import { activePicker, dealOut, inOrderOf, pickFree, zipfQuotas } from './shares.ts'

/** The most followed account has a fiftieth of all followers: 100,000 of five million. */
const firstShare = 1 / 50
/** Nobody is followed by more than half of all accounts. */
const greatestFollowing = 0.5

/** How many follows so many accounts can have in this shape. */
export const mostFollows = (users: number): number =>
  Math.floor(users * greatestFollowing * Math.min(1 / firstShare, users))

const stream = 25
const bouts = 26

/** People follow in bouts: one hour, at most, of each 90 days. */
const season = 90 * day
const hour = 3_600

/** The moment of a follow in its follower’s bout of those 90 days, counted back from today; as it is where that is too early. */
function inBout(seed: number, random: Random, follower: number, moment: number, since: number, today: number): number {
  const start = today - Math.ceil((today - moment) / season) * season
  const bout = start + randomFor(seed, bouts + start, follower).below(season - hour) + random.below(hour)
  return bout >= since ? bout : moment
}

interface FollowPlan {
  readonly follower: Uint32Array
  readonly followee: Uint32Array
  readonly at: Uint32Array
}

/** Who follows whom, from accounts by Zipf's law, in the order of time. @param follows who follows each already */
function planFollows(
  seed: number,
  users: PlannedUsers,
  follows: ReadonlyMap<number, readonly number[]>,
  { existing, added, today }: { existing: number; added: number; today: number },
): FollowPlan {
  const count = users.ids.length
  const wanted = zipfQuotas(existing + added, count, firstShare)
  // The most followed are not the most active: they stand elsewhere in the list, each at a place of its own.
  const stride = [31, 37, 41].find((prime) => count % prime !== 0) ?? 1
  const stars = (rank: number): number => count - 1 - ((rank * stride) % count)
  const missing = Float64Array.from(wanted, (number, rank) =>
    Math.max(0, number - (follows.get(stars(rank))?.length ?? 0)),
  )
  const quotas = dealOut(added, missing)
  const pick = activePicker(count)
  const plan = { follower: new Uint32Array(added), followee: new Uint32Array(added), at: new Uint32Array(added) }
  let next = 0
  for (const [rank, quota] of quotas.entries()) {
    const followee = stars(rank)
    const random = randomFor(seed, stream + existing, rank)
    const taken = new Set([followee, ...(follows.get(followee) ?? [])])
    for (let n = 0; n < quota; n++, next++) {
      const follower = pickFree(random, pick, count, taken)
      const since = Math.max(users.joined[follower]!, users.joined[followee]!)
      plan.follower[next] = follower
      plan.followee[next] = followee
      const moment = Math.floor(since + waiting(random, 200 * day, today - 1 - since))
      plan.at[next] = inBout(seed, random, follower, moment, since, today)
    }
  }
  return plan
}

function* followLines(plan: FollowPlan, users: PlannedUsers, onFollows: (done: number) => void): Generator<string> {
  let done = 0
  for (const index of inOrderOf(plan.at)) {
    yield copyLine([users.ids[plan.follower[index]!]!, users.ids[plan.followee[index]!]!, timestamp(plan.at[index]!)])
    if (++done % 10_000 === 0) onFollows(done)
  }
}

/** For each followed account by its place, who follows it. */
export async function followersSoFar(client: pg.ClientBase, users: PlannedUsers): Promise<Map<number, number[]>> {
  const range = [generatedId('user', 0), generatedId('user', 2 ** 48 - 1)]
  const { rows } = await client.query<{ followee: string; followers: string[] }>(
    `select followee_id as followee, array_agg(right(follower_id::text, 12)) as followers from follows
     where followee_id between $1 and $2 and follower_id between $1 and $2 group by followee_id`,
    range,
  )
  const places = new Map(users.ids.map((id, place) => [generatedSerial(id), place]))
  return new Map(
    rows.map(({ followee, followers }) => [
      places.get(generatedSerial(followee))!,
      followers.map((serial) => places.get(Number.parseInt(serial, 16))!),
    ]),
  )
}

export async function writeFollows(
  client: pg.ClientBase,
  options: {
    readonly seed: number
    readonly users: PlannedUsers
    readonly follows: ReadonlyMap<number, readonly number[]>
    readonly existing: number
    readonly added: number
    readonly today: number
    readonly onFollows: (done: number) => void
  },
): Promise<void> {
  const { seed, users, follows, onFollows } = options
  const plan = planFollows(seed, users, follows, options)
  await copyLines(client, 'follows (follower_id, followee_id, created_at)', followLines(plan, users, onFollows))
}
