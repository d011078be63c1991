import { Cursor, closed, IncludeTotal, Limit, named, oneOf, pageOf, refTo, Timestamp } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { reviewLanguages } from './review.schemas.ts'

const example = {
  version: 1,
  revision: 1,
  lemon_pie_rating: 7,
  review_text: 'A slow start, but the last hour makes up for it.',
  review_language: 'en',
  spoiler_warning: false,
  nollywood_tags: ['slow_burn'],
  written_at: '2026-11-21T10:00:00.000000Z',
  replaced_at: '2026-11-23T18:30:00.000000Z',
}

/** What a review said before an edit. */
export const ReviewRevision = named(
  'ReviewRevision',
  closed(
    {
      version: Type.Integer(),
      revision: Type.Integer({ description: 'Which text the votes of its time are on.' }),
      lemon_pie_rating: Type.Integer(),
      review_text: Type.String({ description: 'As written: nothing is masked for moderators.' }),
      review_language: oneOf(reviewLanguages),
      spoiler_warning: Type.Boolean(),
      nollywood_tags: Type.Array(Type.String()),
      written_at: Timestamp,
      replaced_at: Timestamp,
    },
    { examples: [example] },
  ),
)
export type ReviewRevision = Static<typeof ReviewRevision>

export const RevisionQuery = closed({ limit: Limit, cursor: Type.Optional(Cursor), include_total: IncludeTotal })
export type RevisionQuery = Static<typeof RevisionQuery>

export const RevisionList = pageOf(refTo(ReviewRevision), {
  examples: [{ data: [example], page: { limit: 20, next_cursor: null, total: null } }],
})
