import { closed, named, nullable, refTo, Uuid } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { GenreRef, LanguageRef } from '../catalog/movie-summary.schemas.ts'

const tally = (description: string) => Type.Integer({ minimum: 0, description })
const hiddenTally = (description: string) =>
  nullable(tally(`${description} Null where the list of what was watched is not for you to see.`))
const Mean = nullable(Type.Number({ minimum: 1, maximum: 10, description: 'To one decimal; null without any.' }))
const ratings = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'] as const

/** The numbers of an account, exact at any moment. */
export const UserStatistics = named(
  'UserStatistics',
  closed(
    {
      user_id: Uuid,
      total_reviews: tally('Reviews that everybody can read.'),
      average_rating: Mean,
      rating_distribution: closed(
        Object.fromEntries(ratings.map((rating) => [rating, Type.Integer({ minimum: 0 })])) as Record<
          (typeof ratings)[number],
          ReturnType<typeof Type.Integer>
        >,
        { description: 'How many of the reviews gave each rating.' },
      ),
      followers_count: tally('How many accounts follow this one.'),
      following_count: tally('How many accounts this one follows.'),
      movies_watched: hiddenTally('Titles marked as watched.'),
      favorite_genres: Type.Array(closed({ genre: refTo(GenreRef), count: tally('Titles.') }), {
        description:
          'The five genres with the most titles among those watched, or, where these are not for you to see, reviewed.',
      }),
      favorite_languages: Type.Array(closed({ language: refTo(LanguageRef), count: tally('Titles.') }), {
        description: 'The five languages, likewise.',
      }),
      this_year: closed(
        {
          year: Type.Integer({ description: 'By the calendar of Lagos.' }),
          total_reviews: tally('Written this year.'),
          average_rating: Mean,
          movies_watched: hiddenTally('Titles watched on a day of this year or, without any day, marked in it.'),
        },
        {},
      ),
    },
    {
      examples: [
        {
          user_id: '0198d1c4-7b2e-7c3a-9f60-2f5d8c1e4b11',
          total_reviews: 3,
          average_rating: 8.3,
          rating_distribution: { ...Object.fromEntries(ratings.map((rating) => [rating, 0])), 7: 1, 9: 2 },
          followers_count: 128,
          following_count: 37,
          movies_watched: 211,
          favorite_genres: [{ genre: { slug: 'crime', name: 'Crime' }, count: 80 }],
          favorite_languages: [{ language: { code: 'yo', name: 'Yoruba' }, count: 120 }],
          this_year: { year: 2026, total_reviews: 1, average_rating: 9, movies_watched: 40 },
        },
      ],
    },
  ),
)
export type UserStatistics = Static<typeof UserStatistics>

export const statisticsSchemas = [GenreRef, LanguageRef, UserStatistics]
