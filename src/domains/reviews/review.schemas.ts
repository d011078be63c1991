import { closed, named, nullable, nullableRef, oneOf, Paragraphs, refTo, Timestamp, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { criteria } from '../catalog/criteria.schemas.ts'
import { exampleSummary, MovieSummary, summarySchemas } from '../catalog/movie-summary.schemas.ts'
import { UserSummary } from '../users/user-summary.schemas.ts'

export const reviewLanguages = ['en', 'yo', 'ig', 'ha', 'pcm'] as const
export const moderationStatuses = ['pending', 'approved', 'rejected'] as const
export const exclusions = ['before_release', 'held'] as const
export const voteTypes = ['helpful', 'unhelpful'] as const
export type VoteType = (typeof voteTypes)[number]

type RatingField = `${(typeof criteria)[number]}_rating`
const fieldsOf = <T>(make: (criterion: string) => T) =>
  Object.fromEntries(criteria.map((name) => [`${name}_rating`, make(name.replace('_', ' '))])) as Record<RatingField, T>

/** The columns of the five criteria. */
export const ratingFields = criteria.map((name): RatingField => `${name}_rating`)

const Rating = Type.Integer({ minimum: 1, maximum: 10, examples: [9] })
const ReviewText = Paragraphs(5000, {
  minLength: 10,
  description: 'Plain text. What stands between ||bars|| is a spoiler, which readers must ask for.',
})
const ReviewLanguage = oneOf(reviewLanguages, { description: 'English, Yorùbá, Igbo, Hausa or Nigerian Pidgin.' })
const TagsInput = Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
  maxItems: 10,
  description: 'Of the list in /meta, or your own; kept in lower case with underscores: `Lagos life` is `lagos_life`.',
  examples: [['must_watch', 'Lagos life']],
})
const Warning = Type.Boolean({ description: 'Whether all of the text is a spoiler.' })

const exampleInput = {
  lemon_pie_rating: 9,
  story_rating: 9,
  acting_rating: 10,
  review_text: 'Sola Sobowale owns every scene of this film. ||The throne costs her the one she fought for.||',
  review_language: 'en',
  nollywood_tags: ['must_watch', 'strong_acting'],
} as const

export const NewReview = closed(
  {
    movie_id: Uuid,
    lemon_pie_rating: Rating,
    ...fieldsOf((name) => Type.Optional(nullable({ ...Rating, description: `The ${name}, if you like.` }))),
    review_text: ReviewText,
    review_language: Type.Optional({ ...ReviewLanguage, default: 'en' } as typeof ReviewLanguage),
    spoiler_warning: Type.Optional({ ...Warning, default: false } as typeof Warning),
    nollywood_tags: Type.Optional(TagsInput),
    keep_on_watchlist: Type.Optional(
      Type.Boolean({ default: false, description: 'Whether it stays on the watchlist, which it leaves otherwise.' }),
    ),
  },
  { examples: [{ movie_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77', ...exampleInput }] },
)
export type NewReview = Static<typeof NewReview>

/** What is to change of a review: what is left out stays, null clears, a list replaces the whole list. */
export const ReviewPatch = closed(
  {
    lemon_pie_rating: Type.Optional(Rating),
    ...fieldsOf((name) => Type.Optional(nullable({ ...Rating, description: `The ${name}; null takes it back.` }))),
    review_text: Type.Optional(ReviewText),
    review_language: Type.Optional(ReviewLanguage),
    spoiler_warning: Type.Optional(Warning),
    nollywood_tags: Type.Optional(TagsInput),
  },
  { examples: [{ lemon_pie_rating: 8, nollywood_tags: ['must_watch'] }] },
)
export type ReviewPatch = Static<typeof ReviewPatch>

const votes = (description: string) => Type.Integer({ minimum: 0, description })

/** A review as its reader may see it: a row of `reviews_as_seen`. */
const reviewFields = {
  id: Uuid,
  user: nullableRef(UserSummary, { description: 'Its author; null when that account was erased.' }),
  movie_id: Uuid,
  movie: refTo(MovieSummary),
  lemon_pie_rating: Rating,
  ...fieldsOf((name) => nullable({ ...Rating, description: `The ${name}, if it was rated.` })),
  review_text: Type.String({
    description:
      'Plain text, spoilers masked as ||…|| unless you wrote it, have watched the title, or ask to reveal them.',
  }),
  spoiler_hidden: Type.Boolean({ description: 'Whether something of the text is masked for you.' }),
  review_language: ReviewLanguage,
  spoiler_warning: Warning,
  nollywood_tags: Type.Array(Type.String()),
  as_critic: Type.Boolean({ description: 'Whether the author was a critic when writing it.' }),
  moderation_status: oneOf(moderationStatuses, { description: 'Only its author sees one that is not approved.' }),
  moderation_reason: nullable(Type.String({ description: 'What a moderator tells its author; null for others.' })),
  exclusion: nullable(
    oneOf(exclusions, { description: 'Why it does not count in the scores; null when, once approved, it does.' }),
  ),
  helpful_votes: votes('On the text as it is.'),
  unhelpful_votes: votes('On the text as it is.'),
  helpfulness_score: Type.Integer({ description: 'Helpful minus unhelpful, on the text as it is.' }),
  helpful_votes_ever: votes('On this text and the ones before it.'),
  unhelpful_votes_ever: votes('On this text and the ones before it.'),
  user_vote: nullable(oneOf(voteTypes, { description: 'Your vote on the text as it is; null without one.' })),
  revision: Type.Integer({
    minimum: 1,
    description: 'Which text the votes are on: a substantial edit begins a new one.',
  }),
  version: Type.Integer({ minimum: 1, description: 'Grows with every edit; the `ETag` carries it.' }),
  created_at: Timestamp,
  updated_at: { ...Timestamp, description: 'When its author last changed it.' } as typeof Timestamp,
}

export const exampleReview = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4c31',
  user: { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11', name: 'Adaeze Okafor', avatar_url: null, role: 'critic' },
  movie_id: exampleSummary.id,
  movie: { ...exampleSummary, lemon_pie_rating: 9, weighted_rating: 6.727, review_count: 1 },
  ...fieldsOf(() => null),
  ...exampleInput,
  review_text: 'Sola Sobowale owns every scene of this film. ||…||',
  nollywood_tags: ['must_watch', 'strong_acting'],
  spoiler_hidden: true,
  spoiler_warning: false,
  as_critic: true,
  moderation_status: 'approved',
  moderation_reason: null,
  exclusion: null,
  helpful_votes: 12,
  unhelpful_votes: 1,
  helpfulness_score: 11,
  helpful_votes_ever: 15,
  unhelpful_votes_ever: 1,
  user_vote: null,
  revision: 2,
  version: 3,
  created_at: '2026-11-21T10:00:00.000000Z',
  updated_at: '2026-11-23T18:30:00.000000Z',
}

export const Review = named('Review', closed(reviewFields, { examples: [exampleReview] }))
export type Review = Static<typeof Review>

export const ReviewParams = Type.Object({ review_id: Uuid })

export const reviewSchemas = [...summarySchemas, UserSummary, Review]
