import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import type { TitleViewer } from './movie-summary.schemas.ts'

export interface TitleViewerOptions {
  readonly viewer: string
  readonly ids: readonly string[]
}

/** What an account sees of titles beside what everybody does. To be compiled once. */
export const listTitleViewers = (db: Db, { viewer, ids }: TitleViewerOptions) =>
  sql<{ id: string; viewer: TitleViewer }>`
    select t.id, v.viewer
    from unnest(${ids}::uuid[]) t (id)
    cross join lateral title_viewer(${viewer}::uuid, t.id) v (viewer)`.compile(db)
