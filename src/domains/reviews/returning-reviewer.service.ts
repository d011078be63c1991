import type { Needs } from '../../context.ts'
import type { Tx } from '../../infra/db.ts'
import { deriveKey } from '../../infra/secrets.ts'
import type { Assessment } from './automatic-moderation.schemas.ts'
import { insertErasedReviewer, isReturningReviewer, pruneErasedReviewers } from './returning-reviewer.queries.ts'

type InTx = Needs<'config'> & { readonly db: Tx }

const secretOf = ({ config }: Needs<'config'>): Buffer => deriveKey(config, 'erased reviewer')

/** What is found out of a review's author beside its text weighs as much as an advertisement. */
const weight = 0.65

/** Days that a title remembers who has had their say and left. */
export const rememberedDays = 180

const batchRows = 1_000

/**
 * Keeps that the address of an account has reviewed what it has, before the account goes and its reviews stay: or who
 * registered, reviewed, erased and registered again would vote as often as they liked.
 */
export const rememberReviewer = (tx: InTx, userId: string): Promise<void> =>
  insertErasedReviewer(tx.db, secretOf(tx), userId)

/** Has a moderator look first, where the address of the author has a say on the title already. */
export async function holdReturning(
  tx: InTx,
  { authorId, movieId }: { readonly authorId: string; readonly movieId: string },
  assessment: Assessment,
): Promise<Assessment> {
  if (!(await isReturningReviewer(tx.db, secretOf(tx), authorId, movieId))) return assessment
  const note = 'An erased account of the same e-mail address has left a review of this title.'
  const reasons = [{ code: 'reviewed_before', note }, ...assessment.reasons]
  return { status: 'pending', score: Math.max(assessment.score, weight), reasons }
}

/** Forgets who left long ago. @returns how many */
export async function forgetReviewers({ db }: Needs<'db'>, most = batchRows): Promise<number> {
  let forgotten = 0
  for (;;) {
    const some = await pruneErasedReviewers(db, rememberedDays, most)
    forgotten += some
    if (some < most) return forgotten
  }
}
