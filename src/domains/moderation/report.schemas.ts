import {
  Cursor,
  closed,
  Limit,
  Line,
  named,
  nullable,
  oneOf,
  Paragraphs,
  pageOf,
  refTo,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { exampleSummary, MovieSummary, summarySchemas } from '../catalog/movie-summary.schemas.ts'
import { UserSummary } from '../users/user-summary.schemas.ts'
import { TotalUpTo } from './total.schemas.ts'

export const reportReasons = ['spam', 'abuse', 'spoiler', 'off_topic', 'other'] as const
/** What moderators may say. */
export const resolutions = ['dismissed', 'content_removed', 'user_warned', 'user_suspended'] as const
export type Resolution = (typeof resolutions)[number]
export const reportOutcomes = [...resolutions, 'review_deleted'] as const
export const reportStates = ['open', 'resolved'] as const

const ReportReason = oneOf(reportReasons, { examples: ['spoiler'] })

export const NewReport = closed(
  {
    reason: ReportReason,
    note: Type.Optional(
      nullable(Paragraphs(1000, { description: 'What a moderator should know; for `other` say what it is.' })),
    ),
  },
  { examples: [{ reason: 'spoiler', note: 'The second sentence gives the ending away.' }] },
)
export type NewReport = Static<typeof NewReport>

const example = {
  id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4d01',
  review_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4c31',
  movie: exampleSummary,
  reason: 'spoiler',
  note: 'The second sentence gives the ending away.',
  status: 'resolved',
  resolution: 'content_removed',
  resolution_note: 'Thank you: it is gone.',
  created_at: '2026-11-21T10:00:00.000000Z',
  resolved_at: '2026-11-21T12:30:00.000000Z',
} as const

const reportFields = {
  id: Uuid,
  review_id: nullable({ ...Uuid, description: 'Null once the review is gone.' } as typeof Uuid),
  movie: Type.Union([refTo(MovieSummary), Type.Null()], {
    description: 'What the review is of; null where nothing is left of it.',
  }),
  reason: ReportReason,
  note: nullable(Type.String()),
  status: oneOf(reportStates),
  resolution: nullable(
    oneOf(reportOutcomes, {
      description:
        'Null while it is open; `review_deleted` when the review went with its title or its author’s account.',
    }),
  ),
  resolution_note: nullable(Type.String({ description: 'What a moderator tells the reporter.' })),
  created_at: Timestamp,
  resolved_at: nullable(Timestamp),
}

/** A report as the one who made it sees it. */
export const Report = named('Report', closed(reportFields, { examples: [example] }))
export type Report = Static<typeof Report>

export const ReportList = pageOf(refTo(Report), {
  examples: [{ data: [example], page: { limit: 20, next_cursor: null, total: null } }],
})

export const MyReportsQuery = closed({ limit: Limit, cursor: Type.Optional(Cursor), include_total: TotalUpTo })
export type MyReportsQuery = Static<typeof MyReportsQuery>

const exampleUser = { id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b12', name: 'Emeka Obi', avatar_url: null, role: 'user' }

/** A report as moderators see it. */
export const AdminReport = named(
  'AdminReport',
  closed(
    {
      ...reportFields,
      reporter: Type.Union([refTo(UserSummary), Type.Null()], { description: 'Null when the account was erased.' }),
      in_good_standing: Type.Boolean({ description: 'Whether it counts towards flagging the review.' }),
      review_text: nullable(
        Type.String({ description: 'As it stands, or was when its author deleted it; nothing masked.' }),
      ),
      author: Type.Union([refTo(UserSummary), Type.Null()], { description: 'Who wrote the review.' }),
      resolved_by: Type.Union([refTo(UserSummary), Type.Null()]),
    },
    {
      examples: [
        {
          ...example,
          reporter: exampleUser,
          in_good_standing: true,
          review_text: 'In the end it is the brother who did it.',
          author: { ...exampleUser, id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b13', name: 'Bola Ade' },
          resolved_by: {
            ...exampleUser,
            id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b14',
            name: 'Ngozi Eze',
            role: 'moderator',
          },
        },
      ],
    },
  ),
)
export type AdminReport = Static<typeof AdminReport>

export const AdminReportList = pageOf(refTo(AdminReport), {
  examples: [{ data: [], page: { limit: 20, next_cursor: null, total: null } }],
})

export const AdminReportsQuery = closed({
  status: Type.Optional(
    oneOf(reportStates, { default: 'open', description: 'Open ones come oldest first, resolved ones newest first.' }),
  ),
  reason: Type.Optional(ReportReason),
  review_id: Type.Optional(Uuid),
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: TotalUpTo,
})
export type AdminReportsQuery = Static<typeof AdminReportsQuery>

export const ReportParams = Type.Object({ report_id: Uuid })

export const ResolutionBody = closed(
  {
    resolution: oneOf(resolutions, {
      description:
        'All but `dismissed` reject the review too, unless `keep_content`; every open report of it is then resolved along.',
    }),
    reason: Type.Optional(Line(500, { description: 'What the author is told; required for all but `dismissed`.' })),
    note: Type.Optional(Line(500, { description: 'What the reporter is told.' })),
    keep_content: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'With `user_warned` and `user_suspended`: leave the review as it is.',
      }),
    ),
    suspend_until: Type.Optional(
      nullable(
        Type.String({
          format: 'date-time',
          maxLength: 40,
          description: 'With `user_suspended`; null or left out: until somebody lifts it.',
        }),
      ),
    ),
  },
  {
    examples: [
      {
        resolution: 'user_suspended',
        reason: 'Third time that you insult other reviewers.',
        note: 'Thank you.',
        suspend_until: '2027-01-01T00:00:00.000Z',
      },
    ],
  },
)
export type ResolutionBody = Static<typeof ResolutionBody>

export const reportSchemas = [...summarySchemas, UserSummary, Report, AdminReport]
