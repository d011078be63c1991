import {
  CalendarDate,
  Cursor,
  closed,
  IncludeTotal,
  Limit,
  named,
  nullable,
  oneOf,
  pageOf,
  refTo,
  Slug,
  Timestamp,
  Uuid,
} from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import {
  contentTypes,
  exampleSummary,
  exampleViewer,
  LanguageCode,
  MovieSummary,
  summarySchemas,
} from '../catalog/movie-summary.schemas.ts'

export const titleLists = ['watchlist', 'favorites', 'watched'] as const
export type TitleListName = (typeof titleLists)[number]

const exampleMovie = { ...exampleSummary, viewer: exampleViewer }
const exampleListed = { movie: exampleMovie, added_at: '2026-11-21T10:00:00.000000Z' }
const exampleWatched = {
  movie: { ...exampleMovie, viewer: { ...exampleViewer, in_watchlist: false, watched: true } },
  added_at: '2026-11-21T10:00:00.000000Z',
  watched_on: '2026-11-20',
  dates: ['2026-11-20', '2018-10-26'],
  times: 2,
}
const AddedAt = { ...Timestamp, description: 'When it came onto the list.' } as typeof Timestamp

/** A title on a watchlist or among favorites. */
export const ListedTitle = named(
  'ListedTitle',
  closed({ movie: refTo(MovieSummary), added_at: AddedAt }, { examples: [exampleListed] }),
)
export type ListedTitle = Static<typeof ListedTitle>

/** A title that was watched, with what the diary says. */
export const WatchedTitle = named(
  'WatchedTitle',
  closed(
    {
      movie: refTo(MovieSummary),
      added_at: AddedAt,
      watched_on: nullable(
        Type.String({ ...CalendarDate, description: 'The last day it was watched on, where one was said.' }),
      ),
      dates: Type.Array(CalendarDate, { description: 'The days it was watched on, the latest first, at most 50.' }),
      times: Type.Integer({ minimum: 1, description: 'How many times it was watched: those with a day, or once.' }),
    },
    { examples: [exampleWatched] },
  ),
)
export type WatchedTitle = Static<typeof WatchedTitle>

export const listSorts = ['added_at', 'release_date', 'title', 'rating'] as const
export const watchedSorts = [...listSorts, 'watched_on'] as const
export type ListSort = (typeof watchedSorts)[number]
const orders = ['asc', 'desc'] as const

const Year = Type.Integer({ minimum: 1895, maximum: 2200, examples: [2018] })
const Rating = Type.Number({ minimum: 1, maximum: 10, examples: [7.5] })

const listFields = {
  order: Type.Optional(oneOf(orders, { description: 'By default `asc` for title, else `desc`.' })),
  type: Type.Optional(oneOf(contentTypes, { description: 'Only films or only series.' })),
  genre: Type.Optional(
    Type.Array(Slug, { maxItems: 20, description: 'By slug. Several are alternatives.', examples: [['drama']] }),
  ),
  language: Type.Optional(
    Type.Array(LanguageCode, { maxItems: 20, description: 'By code. Several are alternatives.', examples: [['yo']] }),
  ),
  year_min: Type.Optional(Year),
  year_max: Type.Optional(Year),
  rating_min: Type.Optional({ ...Rating, description: 'Least `lemon_pie_rating`.' } as typeof Rating),
  rating_max: Type.Optional({ ...Rating, description: 'Greatest `lemon_pie_rating`.' } as typeof Rating),
  limit: Limit,
  cursor: Type.Optional(Cursor),
  include_total: IncludeTotal,
}
const description = 'What is not dated or not rated comes last, whatever the order.'

export const ListQuery = closed({
  sort: Type.Optional(oneOf(listSorts, { default: 'added_at', description })),
  ...listFields,
})
export const WatchedQuery = closed({
  sort: Type.Optional(oneOf(watchedSorts, { default: 'added_at', description })),
  ...listFields,
})
export type ListQuery = Static<typeof WatchedQuery>

const onePage = { page: { limit: 20, next_cursor: null, total: null } }
export const TitleList = pageOf(refTo(ListedTitle), { examples: [{ data: [exampleListed], ...onePage }] })
export const WatchedList = pageOf(refTo(WatchedTitle), { examples: [{ data: [exampleWatched], ...onePage }] })

export const TitleParams = Type.Object({ movie_id: Uuid })
export const OwnerParams = Type.Object({ user_id: Uuid })

const WatchedOn = Type.String({
  ...CalendarDate,
  description:
    'The day, by the calendar of Lagos: not in the future, not before the first release, and from 1895-01-01 on.',
  examples: ['2026-11-20'],
})

export const WatchedBody = closed(
  {
    watched_on: Type.Optional(WatchedOn),
    keep_on_watchlist: Type.Optional(
      Type.Boolean({ default: false, description: 'Whether it stays on the watchlist, which it leaves otherwise.' }),
    ),
  },
  { examples: [{ watched_on: '2026-11-20' }] },
)
export type WatchedBody = Static<typeof WatchedBody>

export const UnwatchQuery = closed({
  watched_on: Type.Optional({
    ...WatchedOn,
    description: 'Only this day is struck out of the diary; from 1895-01-01 on.',
  } as typeof WatchedOn),
})
export type UnwatchQuery = Static<typeof UnwatchQuery>

export const visibilities = ['public', 'followers', 'private'] as const
const Visibility = oneOf(visibilities, { description: 'Who may see it: everybody, who follows you, or nobody.' })

export const ListPrivacy = named(
  'ListPrivacy',
  closed(
    { watchlist: Visibility, favorites: Visibility, watched: Visibility },
    { examples: [{ watchlist: 'private', favorites: 'public', watched: 'followers' }] },
  ),
)
export type ListPrivacy = Static<typeof ListPrivacy>

/** What is left out stays. */
export const ListPrivacyPatch = closed(
  {
    watchlist: Type.Optional(Visibility),
    favorites: Type.Optional(Visibility),
    watched: Type.Optional(Visibility),
  },
  { examples: [{ watchlist: 'private' }] },
)
export type ListPrivacyPatch = Static<typeof ListPrivacyPatch>

export const titleListSchemas = [...summarySchemas, ListedTitle, WatchedTitle, ListPrivacy]
