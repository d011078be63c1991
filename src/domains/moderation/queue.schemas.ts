import {
  Cursor,
  closed,
  IncludeTotal,
  Limit,
  named,
  nullable,
  oneOf,
  pageOf,
  refTo,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { exampleReview, Review, reviewLanguages, reviewSchemas } from '../reviews/review.schemas.ts'
import { reportReasons } from './report.schemas.ts'

export const queueReasons = ['pending', 'held', 'reported'] as const
export type QueueReason = (typeof queueReasons)[number]
export const queueSorts = ['oldest', 'newest', 'score'] as const
export type QueueSort = (typeof queueSorts)[number]

const Count = Type.Integer({ minimum: 0 })

const example = {
  content_id: exampleReview.id,
  why: ['pending'],
  score: 0.67,
  reasons: [{ code: 'insult', note: 'Words that insult: “oloshi”.' }],
  flagged_at: '2026-11-21T10:00:00.000000Z',
  review: {
    ...exampleReview,
    moderation_status: 'pending',
    review_text: 'See this oloshi director and his film.',
    spoiler_hidden: false,
  },
  reports: { open: 0, in_good_standing: 0, latest: [] },
  author_history: {
    registered_at: '2026-10-01T08:00:00.000000Z',
    is_verified: true,
    is_suspended: false,
    reviews: 12,
    approved: 10,
    pending: 1,
    rejected: 1,
    reported: 0,
    last_decisions: [
      { kind: 'review', decision: 'reject', reason: 'Not about the film.', decided_at: '2026-11-02T09:00:00.000000Z' },
    ],
  },
}

/** A review that waits for a moderator, with all that a decision needs. */
export const QueueItem = named(
  'QueueItem',
  closed(
    {
      content_id: Uuid,
      why: Type.Array(oneOf(queueReasons), {
        description:
          'pending: others do not see it yet; held: shown, not counted, part of a burst; reported: by enough accounts in good standing.',
      }),
      score: Type.Number({ description: 'What automatic moderation made of it, 0 to 1.' }),
      reasons: Type.Array(closed({ code: Type.String(), note: Type.String() })),
      flagged_at: Timestamp,
      review: refTo(Review),
      reports: closed(
        {
          open: Count,
          in_good_standing: Count,
          latest: Type.Array(
            closed({ reason: oneOf(reportReasons), note: nullable(Type.String()), created_at: Timestamp }),
          ),
        },
        { description: 'Open reports, the last ten of them in full.' },
      ),
      author_history: Type.Union(
        [
          closed(
            {
              registered_at: Timestamp,
              is_verified: Type.Boolean(),
              is_suspended: Type.Boolean(),
              reviews: Count,
              approved: Count,
              pending: Count,
              rejected: Count,
              reported: Count,
              last_decisions: Type.Array(
                closed({
                  kind: Type.String(),
                  decision: Type.String(),
                  reason: nullable(Type.String()),
                  decided_at: Timestamp,
                }),
              ),
            },
            { description: 'The last 200 reviews of the author, and the last five decisions about them.' },
          ),
          Type.Null(),
        ],
        { description: 'Null when the account was erased.' },
      ),
    },
    { examples: [example] },
  ),
)
export type QueueItem = Static<typeof QueueItem>

export const QueueList = pageOf(refTo(QueueItem), {
  examples: [{ data: [example], page: { limit: 20, next_cursor: null, total: null } }],
})

export const QueueQuery = closed({
  why: Type.Optional(oneOf(queueReasons)),
  movie_id: Type.Optional(Uuid),
  language: Type.Optional(oneOf(reviewLanguages)),
  sort: Type.Optional(oneOf(queueSorts, { default: 'oldest', description: '`score` puts the worst first.' })),
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: IncludeTotal,
})
export type QueueQuery = Static<typeof QueueQuery>

export const queueSchemas = [...reviewSchemas, QueueItem]
