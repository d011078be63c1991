import { roles } from '../../lib/actor.ts'
import { closed, named, refTo } from '../../lib/schemas.ts'
import { type Static, Type } from '../../lib/typebox.ts'
import { moderationStatuses, reviewLanguages, voteTypes } from '../reviews/review.schemas.ts'
import { reviewSorts } from '../reviews/review-list.schemas.ts'
import type { criteria } from './criteria.schemas.ts'
import { aliasKinds, castRoles } from './movie.schemas.ts'
import { movieSorts, orders } from './movie-list.schemas.ts'
import {
  type classifications,
  contentTypes,
  GenreRef,
  LanguageRef,
  releasePrecisions,
} from './movie-summary.schemas.ts'
import { trendingWindows } from './trending.schemas.ts'

/** Closed lists that are the same for everybody, always. */
export const constants = {
  content_types: [...contentTypes],
  release_precisions: [...releasePrecisions],
  cast_roles: [...castRoles],
  alias_kinds: [...aliasKinds],
  movie_sorts: [...movieSorts],
  orders: [...orders],
  trending_windows: [...trendingWindows],
  review_sorts: [...reviewSorts],
  review_languages: [...reviewLanguages],
  vote_types: [...voteTypes],
  moderation_statuses: [...moderationStatuses],
  roles: [...roles],
  criteria: [
    { code: 'cultural_authenticity', name: 'Cultural authenticity' },
    { code: 'production_quality', name: 'Production quality' },
    { code: 'story', name: 'Story' },
    { code: 'acting', name: 'Acting' },
    { code: 'cinematography', name: 'Cinematography' },
  ] satisfies { code: (typeof criteria)[number]; name: string }[],
  classifications: [
    { code: 'G', name: 'General: suitable for all' },
    { code: 'PG', name: 'Parental guidance' },
    { code: 'C', name: 'For children' },
    { code: '12', name: 'Not for under 12' },
    { code: '12A', name: 'Under 12 only with an adult' },
    { code: '15', name: 'Not for under 15' },
    { code: '18', name: 'For adults' },
  ] satisfies { code: (typeof classifications)[number]; name: string }[],
  tags: [
    { code: 'must_watch', name: 'Must watch' },
    { code: 'family_friendly', name: 'Family friendly' },
    { code: 'authentic_culture', name: 'Authentic culture' },
    { code: 'great_soundtrack', name: 'Great soundtrack' },
    { code: 'strong_acting', name: 'Strong acting' },
    { code: 'stunning_visuals', name: 'Stunning visuals' },
    { code: 'plot_twist', name: 'Plot twist' },
    { code: 'old_nollywood', name: 'Old Nollywood' },
    { code: 'epic', name: 'Epic' },
    { code: 'village_story', name: 'Village story' },
    { code: 'lagos_life', name: 'Lagos life' },
    { code: 'tearjerker', name: 'Tearjerker' },
    { code: 'laugh_out_loud', name: 'Laugh out loud' },
    { code: 'slow_start', name: 'Slow start' },
    { code: 'weak_ending', name: 'Weak ending' },
    { code: 'sound_issues', name: 'Sound issues' },
  ],
  report_reasons: [
    { code: 'spam', name: 'Spam or advertising' },
    { code: 'abuse', name: 'Abuse or hate' },
    { code: 'spoiler', name: 'Spoiler without a warning' },
    { code: 'off_topic', name: 'Not about the title' },
    { code: 'other', name: 'Something else' },
  ],
  image_sizes: [
    { name: 'thumbnail', width: 150, height: 150 },
    { name: 'medium', width: 400, height: 300 },
    { name: 'large', width: 800, height: 600 },
  ],
  limits: {
    page_min: 1,
    page_max: 100,
    page_default: 20,
    search_query_max: 200,
    suggestion_query_min: 2,
    review_text_min: 10,
    review_text_max: 5000,
    rating_min: 1,
    rating_max: 10,
    review_tags_max: 10,
    review_tag_length_max: 40,
    score_reviews_min: 5,
    password_bytes_min: 8,
    password_bytes_max: 72,
    image_bytes_max: 5 * 1024 * 1024,
    image_pixels_max: 40_000_000,
    followees_max: 5000,
  },
}

const Names = Type.Array(Type.String())
const Choices = Type.Array(closed({ code: Type.String(), name: Type.String() }))

/** Every closed list that a client needs. */
export const Meta = named(
  'Meta',
  closed(
    {
      content_types: Names,
      release_precisions: Names,
      cast_roles: Names,
      alias_kinds: Names,
      movie_sorts: Names,
      orders: Names,
      trending_windows: Names,
      review_sorts: Names,
      review_languages: Names,
      vote_types: Names,
      moderation_statuses: Names,
      roles: Type.Array(Type.String(), {
        description: 'From the least to the most: each may do what those before may.',
      }),
      criteria: Choices,
      classifications: Choices,
      tags: Choices,
      report_reasons: Choices,
      image_sizes: Type.Array(closed({ name: Type.String(), width: Type.Integer(), height: Type.Integer() })),
      limits: closed(
        Object.fromEntries(Object.keys(constants.limits).map((name) => [name, Type.Integer()])) as Record<
          keyof typeof constants.limits,
          ReturnType<typeof Type.Integer>
        >,
      ),
      genres: Type.Array(refTo(GenreRef)),
      languages: Type.Array(refTo(LanguageRef)),
    },
    {
      examples: [
        {
          ...constants,
          genres: [{ slug: 'comedy', name: 'Comedy' }],
          languages: [{ code: 'pcm', name: 'Nigerian Pidgin' }],
        },
      ],
    },
  ),
)
export type Meta = Static<typeof Meta>
