import type { Needs } from '../../context.ts'
import { compileHot } from '../../infra/hot-query.ts'
import { type Actor, hasRole } from '../../lib/actor.ts'
import { decodeCursor, encodeCursor, toPage } from '../../lib/page.ts'
import { sharedSchemas } from '../../lib/schemas.ts'
import { stringifierOf } from '../../lib/stringify.ts'
import { addTitleViewers } from '../catalog/title-viewer.service.ts'
import { reviewNotFound } from './review.errors.ts'
import { type ReviewReader, reviewById } from './review.queries.ts'
import { Review, reviewSchemas } from './review.schemas.ts'
import { countRevisions, hasReview, listRevisions } from './revision.queries.ts'
import type { RevisionQuery } from './revision.schemas.ts'

const stringifyReview = stringifierOf(Review, [...sharedSchemas, ...reviewSchemas])
const findReview = compileHot('findReview', (db, reader: ReviewReader) => reviewById(db, reader))

/** A review as JSON, with its version. @throws AppError 404 where the reader may not know of it either */
export async function openReview(ctx: Needs<'hot'>, reader: Actor | null, id: string, reveal: boolean) {
  const viewer = reader?.id ?? null
  const staff = reader !== null && hasRole(reader.role, 'moderator')
  const [review] = await ctx.hot.run(findReview, { id, viewer, reveal, staff })
  if (!review) throw reviewNotFound()
  return { json: stringifyReview(await addTitleViewers(ctx, viewer, review)), version: review.version }
}

/** What a review said before its edits, the latest first, for moderators. */
export async function browseRevisions(ctx: Needs<'db' | 'config'>, id: string, query: RevisionQuery) {
  const { limit, cursor, include_total: includeTotal } = query
  const secret = ctx.config.JWT_SECRET
  const scope = `revisions:${id.toLowerCase()}`
  const [before] = cursor === undefined ? [] : (decodeCursor(secret, scope, cursor) as number[])
  const [rows, total] = await Promise.all([
    listRevisions(ctx.db, id, { rows: limit + 1, ...(before === undefined ? {} : { before }) }),
    includeTotal ? countRevisions(ctx.db, id) : null,
  ])
  if (rows.length === 0 && !(await hasReview(ctx.db, id))) throw reviewNotFound()
  const page = toPage(rows, limit, total, ({ version }) => encodeCursor(secret, scope, [version]))
  return { ...page, data: [...page.data] }
}
