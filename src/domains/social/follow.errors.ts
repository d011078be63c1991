import { defineError } from '../../lib/errors.ts'

/** Also where one of two accounts has blocked the other: blocks don't show. */
export const accountNotFound = defineError('not_found', 404, 'There is no such account.')
export const selfFollow = defineError('self_follow', 409, 'You can’t follow yourself.')
export const followLimit = defineError(
  'follow_limit',
  409,
  'You follow 5,000 accounts, which is the most: unfollow one first.',
)
export const selfBlock = defineError('self_block', 409, 'You can’t block yourself.')
