import { copyLine } from '../copy.ts'
import { generatedId } from '../generated-ids.ts'
import { type Random, randomFor, zipfPick } from '../generator/random.ts'
import { normal, timestamp } from './moments.ts'
import type { PlannedTitle, PlannedUsers, ReviewPlan } from './review-plan.ts'
import { makeReviewText } from './review-text.ts'
import type { ReviewLanguage } from './review-words.ts'
import { activePicker } from './shares.ts'
import { castVotes } from './votes.ts'

/** Tables in the order in which foreign keys allow them to be filled, with their columns. */
export const reviewTargets = {
  reviews:
    'reviews (id, user_id, movie_id, lemon_pie_rating, cultural_authenticity_rating, production_quality_rating, ' +
    'story_rating, acting_rating, cinematography_rating, review_text, review_language, spoiler_warning, as_critic, ' +
    'exclusion, helpful_votes, unhelpful_votes, helpful_votes_ever, unhelpful_votes_ever, created_at, updated_at)',
  tags: 'review_tags (review_id, tag, position)',
  votes: 'review_votes (review_id, user_id, vote_type, revision, created_at)',
} as const
export type ReviewLines = Record<keyof typeof reviewTargets, string[]>

export interface ReviewWorld {
  readonly seed: number
  readonly plan: ReviewPlan
  readonly titles: readonly PlannedTitle[]
  readonly users: PlannedUsers
  readonly today: number
}

const streams = { review: 22, title: 23, user: 24 } as const
const criteria = 5

const within = (rating: number): number => Math.min(10, Math.max(1, Math.round(rating)))

/** How good a title is held to be. The best known are liked a little better. */
const meanOf = (seed: number, rank: number): number => {
  const random = randomFor(seed, streams.title, rank)
  return Math.min(9.2, Math.max(2.5, 6.3 + 1.2 * normal(random) + 0.6 / (1 + rank / 500)))
}

const languageDraw = (draw: number): ReviewLanguage =>
  draw < 0.6 ? 'en' : draw < 0.78 ? 'pcm' : draw < 0.88 ? 'yo' : draw < 0.94 ? 'ig' : 'ha'

/** What an author brings along: how kind they are, and the language that they like to write in. */
const habitsOf = (seed: number, user: number): { bias: number; language: ReviewLanguage; rates: number } => {
  const random = randomFor(seed, streams.user, user)
  return { bias: 0.9 * normal(random), language: languageDraw(random.next()), rates: random.next() }
}

const curatedTags = [
  'must_watch',
  'strong_acting',
  'lagos_life',
  'family_friendly',
  'authentic_culture',
  'laugh_out_loud',
  'great_soundtrack',
  'plot_twist',
  'tearjerker',
  'old_nollywood',
  'epic',
  'village_story',
  'stunning_visuals',
  'slow_start',
  'weak_ending',
  'sound_issues',
] as const
const freeTags = ['date_night', 'with_mum', 'rewatch', 'owambe', 'campus', 'japa', 'faith', 'school_days'] as const
const tags: readonly string[] = [...curatedTags, ...freeTags]

function tagsFor(random: Random): Set<string> {
  const chosen = new Set<string>()
  for (let draws = random.chance(0.45) ? 0 : 1 + random.below(3); draws > 0; draws--) {
    chosen.add(zipfPick(random, tags, 3))
  }
  return chosen
}

function criteriaFor(random: Random, rating: number, rates: number): (number | null)[] {
  const fills = rates < 0.3 ? 0 : rates < 0.6 ? 0.5 : 0.92
  return Array.from({ length: criteria }, () => (random.chance(fills) ? within(rating + 1.2 * normal(random)) : null))
}

/** Adds the review with a place in the plan, and all that hangs on it. */
function addReview(
  lines: ReviewLines,
  world: ReviewWorld,
  place: number,
  serial: number,
  pick: (r: Random) => number,
): void {
  const { seed, plan, titles, users, today } = world
  const random = randomFor(seed, streams.review, serial)
  const id = generatedId('review', serial)
  const rank = plan.title[place]!
  const author = plan.author[place]!
  const at = plan.at[place]!
  const { bias, language: usual, rates } = habitsOf(seed, author)
  const rating = within(meanOf(seed, rank) + bias + 1.5 * normal(random))
  const language = random.chance(0.85) ? usual : 'en'
  const text = makeReviewText(random, language, rating)
  const warned = random.chance(0.04)
  let position = 0
  for (const tag of tagsFor(random)) lines.tags.push(copyLine([id, tag, position++]))
  const rated = criteriaFor(random, rating, rates)
  const { helpful, unhelpful } = castVotes(lines.votes, random, { id, author, at }, { users, pick, today })
  const written = timestamp(at)
  lines.reviews.push(
    copyLine([
      id,
      users.ids[author]!,
      titles[rank]!.id,
      rating,
      ...rated,
      text,
      language,
      warned,
      users.isCritic[author] === 1,
      plan.isEarly[place] ? 'before_release' : null,
      helpful,
      unhelpful,
      helpful,
      unhelpful,
      written,
      written,
    ]),
  )
}

/** The lines of the reviews at places from `start` up to but not `end`. @param first the serial of the first of the plan */
export function reviewLines(world: ReviewWorld, first: number, start: number, end: number): ReviewLines {
  const lines: ReviewLines = { reviews: [], tags: [], votes: [] }
  const pick = activePicker(world.users.ids.length)
  for (let place = start; place < end; place++) addReview(lines, world, place, first + place, pick)
  return lines
}
