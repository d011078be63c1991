import type { Needs } from '../../context.ts'
import type { TxCtx } from '../../infra/tx.ts'

/** Holds the reviews of a burst far outside the title's own history. */
export async function guardAgainstBurst(_tx: TxCtx<Needs<'db'>>, _movieId: string): Promise<void> {}
