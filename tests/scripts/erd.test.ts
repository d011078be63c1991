import { describe, expect, it } from 'vitest'
import { erdPage, type Table } from '../../scripts/erd.ts'

const column = (name: string, type: string, nullable = false, comment: string | null = null) => ({
  name,
  type,
  nullable,
  comment,
})

const tables: Table[] = [
  {
    name: 'movies',
    kind: 'table',
    comment: 'Films | series.',
    columns: [column('id', 'uuid'), column('slug', 'text', false, 'Name in URLs.'), column('part_of', 'uuid', true)],
    keys: [
      { primary: true, columns: ['id'] },
      { primary: false, columns: ['slug'] },
    ],
    references: [{ columns: ['part_of'], target: 'movies', onDelete: 'sets null' }],
  },
  {
    name: 'movie_stats',
    kind: 'table',
    comment: null,
    columns: [column('movie_id', 'uuid'), column('counts', 'int4[]')],
    keys: [{ primary: true, columns: ['movie_id'] }],
    references: [{ columns: ['movie_id'], target: 'movies', onDelete: 'deletes' }],
  },
]

describe('the page of the database', () => {
  const lines = erdPage(tables).split('\n')

  it('draws references with the right number at each end', () => {
    expect(lines).toContain('  movies |o--o{ movies : "part_of"')
    expect(lines).toContain('  movies ||--o| movie_stats : "movie_id"')
  })

  it('marks keys', () => {
    expect(lines).toContain('    uuid id PK')
    expect(lines).toContain('    text slug UK')
    expect(lines).toContain('    uuid movie_id PK, FK')
  })

  it('tells what tables and columns are for', () => {
    expect(lines).toContain('Films | series.')
    expect(lines).toContain('| `slug` UK | text |  | Name in URLs. |')
    expect(lines).toContain('| `part_of` FK | uuid | yes | References [movies](#movies); deleting that sets null. |')
    expect(lines).toContain(
      '| `movie_id` PK, FK | uuid |  | References [movies](#movies); deleting that deletes this. |',
    )
  })
})
