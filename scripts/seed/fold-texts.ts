import type pg from 'pg'
import type { Fold } from './title-parts.ts'

/**
 * The one fold is Postgres's, so what will be folded is asked for at once beforehand.
 * @returns fold for these texts; it throws for any other
 */
export async function foldTexts(client: pg.ClientBase, texts: Iterable<string>): Promise<Fold> {
  const list = [...new Set(texts)]
  const result = await client.query<{ folded: string }>(
    'select fold(t.value) as folded from unnest($1::text[]) with ordinality as t (value, n) order by n',
    [list],
  )
  const folded = new Map(list.map((text, index) => [text, result.rows[index]!.folded]))
  return (text) => {
    const value = folded.get(text)
    if (value === undefined) throw new Error(`'${text}' was not folded beforehand`)
    return value
  }
}
