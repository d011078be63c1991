import { closed, Line, named, nullable, oneOf, Paragraphs, Timestamp, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'

export const audiences = ['everybody', 'critics', 'staff'] as const

const fields = {
  title: Line(120, { description: 'A heading, which the mail and the list show first.' }),
  body: Paragraphs(2000, { description: 'Plain text.' }),
  audience: oneOf(audiences, { description: 'Whom it is for: `staff` are moderators and admins.' }),
}

const example = {
  title: 'A new home for Yorùbá classics',
  body: 'From Friday on, every film of the Yorùbá travelling theatre that we know of has a page of its own.',
  audience: 'everybody',
}

export const NewAnnouncement = closed(fields, { examples: [example] })
export type NewAnnouncement = Static<typeof NewAnnouncement>

/** Something that operators tell everybody, or some. */
export const Announcement = named(
  'Announcement',
  closed(
    {
      id: Uuid,
      ...fields,
      title: Type.String(),
      body: Type.String(),
      told_count: Type.Integer({ minimum: 0, description: 'How many accounts have been told so far.' }),
      completed_at: nullable({
        ...Timestamp,
        description: 'When everybody had been; null until then.',
      } as typeof Timestamp),
      created_at: Timestamp,
    },
    {
      examples: [
        {
          id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4f01',
          ...example,
          told_count: 48_210,
          completed_at: '2026-11-21T10:00:09.000000Z',
          created_at: '2026-11-21T10:00:00.000000Z',
        },
      ],
    },
  ),
)
export type Announcement = Static<typeof Announcement>

export const AnnouncementParams = Type.Object({ announcement_id: Uuid })
export const announcementSchemas = [Announcement]
