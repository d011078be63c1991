import {
  Cursor,
  closed,
  Limit,
  Line,
  named,
  nullable,
  nullableRef,
  oneOf,
  pageOf,
  refTo,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { exclusions, moderationStatuses } from '../reviews/review.schemas.ts'
import { UserSummary } from '../users/user-summary.schemas.ts'
import { TotalUpTo } from './total.schemas.ts'

export const decisions = ['approve', 'reject'] as const
export type Verdict = (typeof decisions)[number]

const Verdict = oneOf(decisions)
const Reason = Line(500, {
  description: 'What the author is told; required to reject.',
  examples: ['This insults the cast.'],
})
const Reopen = Type.Boolean({
  default: false,
  description:
    'Decide on a review that is not in the queue: take back what was decided, or reject what nobody flagged.',
})

export const ContentParams = Type.Object({ content_id: Uuid })

export const DecisionBody = closed(
  {
    decision: Verdict,
    reason: Type.Optional(Reason),
    version: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2_147_483_647,
        description: 'The version that you read; another one is a 409.',
      }),
    ),
    reopen: Type.Optional(Reopen),
  },
  { examples: [{ decision: 'reject', reason: 'This insults the cast.', version: 1 }] },
)
export type DecisionBody = Static<typeof DecisionBody>

const exampleOutcome = {
  content_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4c31',
  moderation_status: 'rejected',
  exclusion: null,
  resolved_reports: 2,
} as const

/** What a decision made of a review. */
export const DecidedContent = named(
  'DecidedContent',
  closed(
    {
      content_id: Uuid,
      moderation_status: oneOf(moderationStatuses),
      exclusion: nullable(oneOf(exclusions, { description: 'Why an approved review does not count all the same.' })),
      resolved_reports: Type.Integer({ description: 'Open reports that it resolved.' }),
    },
    { examples: [exampleOutcome] },
  ),
)
export type DecidedContent = Static<typeof DecidedContent>

export const BulkBody = closed(
  {
    content_ids: Type.Array(Uuid, { minItems: 1, maxItems: 100, uniqueItems: true }),
    versions: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 2_147_483_647 }), {
        minItems: 1,
        maxItems: 100,
        description: 'The versions that you read, in the order of the ids: one that was edited since is left as it is.',
      }),
    ),
    decision: Verdict,
    reason: Type.Optional(Reason),
  },
  { examples: [{ content_ids: [exampleOutcome.content_id], versions: [1], decision: 'approve' }] },
)
export type BulkBody = Static<typeof BulkBody>

export const BulkOutcome = closed(
  {
    outcomes: Type.Array(
      closed({
        content_id: Uuid,
        done: Type.Boolean(),
        error: nullable(Type.String({ description: 'Why not: the code of the error that it alone would get.' })),
        message: nullable(Type.String()),
      }),
      { description: 'One for each id, in the order of the request.' },
    ),
  },
  {
    examples: [
      {
        outcomes: [
          { content_id: exampleOutcome.content_id, done: true, error: null, message: null },
          {
            content_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4c32',
            done: false,
            error: 'already_decided',
            message: 'This is not in the queue: somebody has decided already.',
          },
        ],
      },
    ],
  },
)
export type BulkOutcome = Static<typeof BulkOutcome>

export const decisionKinds = ['review', 'report', 'burst', 'word', 'allowed_phrase'] as const

const exampleDecision = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4e01',
  kind: 'review',
  decision: 'reject',
  reason: 'This insults the cast.',
  moderator: { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b14', name: 'Ngozi Eze', avatar_url: null, role: 'moderator' },
  moderator_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b14',
  review_id: exampleOutcome.content_id,
  report_id: null,
  movie_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4a77',
  author_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b13',
  before: { moderation_status: 'pending', exclusion: null },
  after: { moderation_status: 'rejected', exclusion: null },
  created_at: '2026-11-21T10:00:00.000000Z',
}

const About = (description: string) => nullable({ ...Uuid, description } as typeof Uuid)
const State = (description: string) =>
  Type.Unsafe<Record<string, unknown> | null>({ type: ['object', 'null'], additionalProperties: true, description })

/** What a moderator decided, for good. */
export const ModerationDecision = named(
  'ModerationDecision',
  closed(
    {
      id: Uuid,
      kind: oneOf(decisionKinds),
      decision: Type.String(),
      reason: nullable(Type.String({ description: 'What was told.' })),
      moderator: nullableRef(UserSummary, { description: 'Null when the account was erased.' }),
      moderator_id: Uuid,
      review_id: About('What it is about; it may be gone.'),
      report_id: About('For decisions on reports.'),
      movie_id: About('The title.'),
      author_id: About('Whose review it was.'),
      before: State('How it was.'),
      after: State('How it is since.'),
      created_at: Timestamp,
    },
    { examples: [exampleDecision] },
  ),
)
export type ModerationDecision = Static<typeof ModerationDecision>

export const DecisionList = pageOf(refTo(ModerationDecision), {
  examples: [{ data: [exampleDecision], page: { limit: 20, next_cursor: null, total: null } }],
})

export const DecisionsQuery = closed({
  content_id: Type.Optional(Uuid),
  author_id: Type.Optional(Uuid),
  moderator_id: Type.Optional(Uuid),
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: TotalUpTo,
})
export type DecisionsQuery = Static<typeof DecisionsQuery>

export const decisionSchemas = [UserSummary, DecidedContent, ModerationDecision]
