import { closed, named, nullable, oneOf, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { voteTypes } from './review.schemas.ts'

export const VoteBody = closed({ vote_type: oneOf(voteTypes) }, { examples: [{ vote_type: 'helpful' }] })

const tally = Type.Integer({ minimum: 0 })

/** The votes on a review after one's own. */
export const ReviewVotes = named(
  'ReviewVotes',
  closed(
    {
      review_id: Uuid,
      helpful_votes: tally,
      unhelpful_votes: tally,
      helpfulness_score: Type.Integer(),
      helpful_votes_ever: tally,
      unhelpful_votes_ever: tally,
      user_vote: nullable(oneOf(voteTypes)),
    },
    {
      examples: [
        {
          review_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4c31',
          helpful_votes: 13,
          unhelpful_votes: 1,
          helpfulness_score: 12,
          helpful_votes_ever: 16,
          unhelpful_votes_ever: 1,
          user_vote: 'helpful',
        },
      ],
    },
  ),
)
export type ReviewVotes = Static<typeof ReviewVotes>
