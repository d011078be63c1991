import { queueNames } from '../../lib/queue-table.ts'
import { decisionKinds } from '../moderation/decision.schemas.ts'
import { heldCounts, ratingExtremes } from '../moderation/held-title.schemas.ts'
import { queueReasons, queueSorts } from '../moderation/queue.schemas.ts'
import { reportOutcomes, reportStates } from '../moderation/report.schemas.ts'
import { audiences } from '../notifications/announcement.schemas.ts'
import { decisions, notices, notificationTypes } from '../notifications/notification.schemas.ts'
import { channelModes, channelNames } from '../notifications/preference.schemas.ts'
import { wordCategories, wordForms, wordLevels } from '../reviews/automatic-moderation.schemas.ts'
import { exclusions } from '../reviews/review.schemas.ts'
import { spoilerFilters } from '../reviews/review-list.schemas.ts'
import { matchFields } from '../search/search.schemas.ts'
import { activityTypes } from '../social/feed.schemas.ts'
import { listSorts, titleLists, visibilities, watchedSorts } from '../social/title-list.schemas.ts'
import { reviewFates } from '../users/personal-data.schemas.ts'
import { scoreStates } from './movie.schemas.ts'

/** Closed lists of other domains, as `/meta` has them: a test finds every enum of the API's description there. */
export const nameLists = {
  score_states: [...scoreStates],
  review_exclusions: [...exclusions],
  spoiler_filters: [...spoilerFilters],
  matched_fields: [...matchFields],
  title_lists: [...titleLists],
  title_list_sorts: [...listSorts],
  watched_sorts: [...watchedSorts],
  privacy_levels: [...visibilities],
  activity_types: [...activityTypes],
  review_fates: [...reviewFates],
  notification_types: [...notificationTypes],
  notification_channels: [...channelNames],
  notification_modes: [...new Set(Object.values(channelModes).flat())] as string[],
  email_modes: [...channelModes.email],
  notices: [...notices],
  announcement_audiences: [...audiences],
  report_states: [...reportStates],
  report_resolutions: [...reportOutcomes],
  moderation_decisions: [...decisions],
  moderation_decision_kinds: [...decisionKinds],
  moderation_reasons: [...queueReasons],
  moderation_sorts: [...queueSorts],
  held_counts: [...heldCounts],
  rating_extremes: [...ratingExtremes],
  word_categories: [...wordCategories],
  word_levels: [...wordLevels],
  word_forms: [...wordForms],
  job_queues: [...queueNames],
}
