import { invalidField } from '../../lib/errors.ts'
import { tagOf } from '../../lib/tag.ts'
import type { ReviewsOfQuery } from './review-list.schemas.ts'

/** The filters of a list of reviews in one form: what narrows nothing is left out. */
export interface AskedReviewFilters {
  readonly rating_min?: number
  readonly rating_max?: number
  readonly language?: string
  readonly no_spoilers?: true
  readonly tag?: string
  readonly critic_only?: true
}

/** @throws AppError 422 when the range has its ends the wrong way round, or a tag has nothing to look for */
export function reviewFiltersOf(query: ReviewsOfQuery): AskedReviewFilters {
  const { rating_min, rating_max, language, spoiler, critic_only } = query
  if (rating_min !== undefined && rating_max !== undefined && rating_min > rating_max) {
    throw invalidField('query.rating_min', 'must not be greater than rating_max')
  }
  const tag = query.tag === undefined ? undefined : tagOf(query.tag)
  if (tag === '') throw invalidField('query.tag', 'must have a letter or a digit')
  return {
    ...(rating_min === undefined ? {} : { rating_min }),
    ...(rating_max === undefined ? {} : { rating_max }),
    ...(language === undefined ? {} : { language }),
    ...(spoiler === 'exclude' ? { no_spoilers: true as const } : {}),
    ...(tag === undefined ? {} : { tag }),
    ...(critic_only ? { critic_only: true as const } : {}),
  }
}
