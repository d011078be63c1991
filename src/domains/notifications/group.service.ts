import { announce } from '../../infra/live-signal.ts'
import { inTx, type TxCtx } from '../../infra/tx.ts'
import { carriedChannels } from './carried.channel.ts'
import { type Act, beginGroup, getActState, growGroup, restoreActor, withdrawActor } from './group.queries.ts'
import { holdNotifications } from './held.queries.ts'
import { listGroupsOf } from './stale.queries.ts'
import { carry, type TellContext, tell } from './tell.service.ts'
import { lockCounters } from './write.queries.ts'

/**
 * Brings the groups of an account to how things stand with an act: who did it is in one of them, once, for good; who took it
 * back is out of sight in it. So events may come in any order, and doing and undoing it over and over tells nobody twice.
 * @param movie_id the title of the review, if it is about one
 */
export async function settleAct(tx: TxCtx<TellContext>, act: Act, movie_id: string | null): Promise<void> {
  const { type, user_id, actor_id, review_id } = act
  if (user_id === actor_id) return
  if ((await lockCounters(tx.db, [user_id])).length === 0) return
  const { holds, known, open, is_remembered, revision, status } = await getActState(tx.db, act)
  if (!holds) {
    if (known && !known.is_withdrawn) announce(tx, await withdrawActor(tx.db, actor_id, [known.id]))
    return
  }
  if (known?.revision === revision) {
    if (!known.is_withdrawn) return
    await restoreActor(tx.db, known.id, actor_id)
  } else if (is_remembered || status === 'rejected') {
    return
  } else if (open) {
    const grown = await growGroup(tx.db, act, open, revision, carriedChannels)
    // What is on the list waits there to be read; what is only carried is told of each.
    if (!grown.in_app) await carry(tx, [grown])
  } else {
    const [made] = await tell(tx, type, [user_id], { review_id, movie_id })
    if (made) await beginGroup(tx.db, made.id, actor_id, revision)
    if (made && status === 'pending') await holdNotifications(tx.db, [made.id])
    return
  }
  announce(tx, [user_id])
}

/** Groups that somebody is taken out of in one transaction. */
const batch = 500

/** Takes somebody who is out of sight out of the groups that they are in, of one owner or of all, some at a time. */
export async function withdrawEverywhere(ctx: TellContext, actorId: string, owner: string | null): Promise<void> {
  let few = batch
  while (few === batch) {
    few = await inTx(ctx, async (tx) => {
      // Whoever is putting them into a group of this owner has done so, or sees that they are out of sight.
      if (owner !== null) await lockCounters(tx.db, [owner])
      const groups = await listGroupsOf(tx.db, actorId, owner, batch)
      if (groups.length === 0) return 0
      if (owner === null) await lockCounters(tx.db, [...new Set(groups.map(({ user_id }) => user_id))])
      announce(
        tx,
        await withdrawActor(
          tx.db,
          actorId,
          groups.map(({ id }) => id),
        ),
      )
      return groups.length
    })
  }
}
