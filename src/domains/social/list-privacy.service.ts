import type { Needs } from '../../context.ts'
import { inTx } from '../../infra/tx.ts'
import type { Actor } from '../../lib/actor.ts'
import { getListPrivacy, upsertListPrivacy } from './list-privacy.queries.ts'
import type { ListPrivacy, ListPrivacyPatch } from './title-list.schemas.ts'

/** Who may see one's lists. */
export const openListPrivacy = (ctx: Needs<'db'>, actor: Actor): Promise<ListPrivacy> =>
  getListPrivacy(ctx.db, actor.id)

/** Says who may see one's lists from now on, and in the feed what is on them already. */
export function changeListPrivacy(ctx: Needs<'db'>, actor: Actor, patch: ListPrivacyPatch): Promise<ListPrivacy> {
  return inTx(ctx, async (tx) => {
    await upsertListPrivacy(tx.db, actor.id, patch)
    return getListPrivacy(tx.db, actor.id)
  })
}
