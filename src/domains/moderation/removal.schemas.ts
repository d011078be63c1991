import { closed, Uuid } from '../../lib/schemas.ts'

export const RemovedReviewParams = closed({ review_id: Uuid })
