import type { Needs } from '../../context.ts'
import { bodyOf, type CachedBody } from '../../infra/cache-body.ts'
import type { Tx } from '../../infra/db.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { showToViewer, titlesIn } from '../../lib/title-viewers.ts'
import type { Found } from './moved.service.ts'
import { listTitleViewers, type TitleViewerOptions } from './title-viewer.queries.ts'

const titleViewers = compileHot('titleViewers', (db, options: TitleViewerOptions) => listTitleViewers(db, options))

/** Shows an account, in an answer that is about to be written, what it has to do with each title: one query for all. */
export async function addTitleViewers<T>(ctx: Needs<'hot'>, viewer: string | null, answer: T): Promise<T> {
  const titles = titlesIn(answer)
  if (viewer === null || titles.size === 0) return answer
  showToViewer(titles, await ctx.hot.run(titleViewers, { viewer, ids: [...titles.keys()] }))
  return answer
}

/** The same within the transaction that wrote a title. */
export async function addTitleViewersIn<T>(db: Tx, viewer: string, answer: T): Promise<T> {
  const titles = titlesIn(answer)
  const { rows } = await db.executeQuery(listTitleViewers(db, { viewer, ids: [...titles.keys()] }))
  showToViewer(titles, rows)
  return answer
}

/**
 * What is kept for everybody, as the account that asks sees it; for nobody in particular the very bytes that are kept.
 * @param stringify writes the answer
 */
export async function bodyForViewer<T>(
  ctx: Needs<'hot'>,
  viewer: string | null,
  kept: Promise<CachedBody>,
  stringify: (answer: T) => string,
): Promise<CachedBody> {
  const body = await kept
  if (viewer === null) return body
  const answer = await addTitleViewers(ctx, viewer, JSON.parse(body.json.toString()) as T)
  return bodyOf(Buffer.from(stringify(answer)))
}

/** The same for what may have moved. */
export async function foundForViewer<T>(
  ctx: Needs<'hot'>,
  viewer: string | null,
  kept: Promise<Found>,
  stringify: (answer: T) => string,
): Promise<Found> {
  const found = await kept
  return 'movedTo' in found ? found : bodyForViewer(ctx, viewer, Promise.resolve(found), stringify)
}
