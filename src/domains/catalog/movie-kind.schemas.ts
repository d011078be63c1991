import { idOrSlug, Uuid } from '../../lib/schemas.ts'
import { Type } from '../../lib/typebox.ts'
import type { ContentType } from './movie-summary.schemas.ts'

/** The two kinds of titles, told apart by nothing but these names. */
export interface TitleKind {
  readonly type: ContentType
  readonly path: '/movies' | '/series'
  readonly param: 'movie_id' | 'series_id'
  /** As operationIds name one and many. */
  readonly one: string
  readonly many: string
  /** As sentences do. */
  readonly label: string
  readonly labels: string
  /** The slug of one that everybody who has the shipped catalogue finds there. */
  readonly example: string
}

export const titleKinds: readonly TitleKind[] = [
  {
    type: 'movie',
    path: '/movies',
    param: 'movie_id',
    one: 'Movie',
    many: 'Movies',
    label: 'film',
    labels: 'films',
    example: 'king-of-boys-2018',
  },
  {
    type: 'series',
    path: '/series',
    param: 'series_id',
    one: 'Series',
    many: 'Series',
    label: 'series',
    labels: 'series',
    example: 'king-of-boys-the-return-of-the-king-2021',
  },
]

const paramsOf = ({ param }: TitleKind, schema: typeof Uuid) =>
  Type.Unsafe<Readonly<Record<string, string>>>(Type.Object({ [param]: schema }))

/** Path parameters that name a title by id or slug. */
export const nameParams = (kind: TitleKind) => paramsOf(kind, idOrSlug(kind.example))

/** Path parameters that name a title by id alone. */
export const idParams = (kind: TitleKind) => paramsOf(kind, Uuid)
