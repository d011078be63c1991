type Part = {
  sql: string
  /** Whether it runs in a transaction, as it does unless its marker says `transaction:off`. */
  transaction: boolean
  /** Line of the file that `sql` begins on. */
  line: number
}
export type MigrationFile = { name: string; up: Part; down: Part }

/** Reads `NNNN_name.sql` with its `-- migrate:up` and `-- migrate:down` parts. Throws, naming the file, when it has others. */
export function parseMigration(fileName: string, text: string): MigrationFile {
  if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(fileName))
    throw new Error(`${fileName}: a migration is named NNNN_what_it_does.sql`)
  const lines = text.split('\n')
  const markers = lines.flatMap((line, index) => {
    const match = /^--\s*migrate:(\S+)\s*(.*?)\s*$/.exec(line)
    return match ? [{ direction: match[1], option: match[2] ?? '', index }] : []
  })
  const [up, down] = markers
  if (markers.length !== 2 || up?.direction !== 'up' || down?.direction !== 'down') {
    throw new Error(`${fileName}: needs one line "-- migrate:up" and, after it, one "-- migrate:down"`)
  }
  const part = (marker: { option: string; index: number }, end: number): Part => {
    if (marker.option !== '' && marker.option !== 'transaction:off') {
      throw new Error(`${fileName}:${marker.index + 1}: "${marker.option}" is unknown, there is only transaction:off`)
    }
    const sql = lines.slice(marker.index + 1, end).join('\n')
    if (statementsOf(sql).length === 0) throw new Error(`${fileName}:${marker.index + 1}: this part has no statement`)
    return { sql, transaction: marker.option === '', line: marker.index + 2 }
  }
  return {
    name: fileName.slice(0, -'.sql'.length),
    up: part(up, down.index),
    down: part(down, lines.length),
  }
}

// What may hold a semicolon that ends no statement: comments, 'strings', E'strings\'', "names" and $tag$bodies$tag$.
const quoted =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1|;/g

/** The statements of an SQL text, without the semicolons that end them and without what is only comment. */
export function statementsOf(sql: string): string[] {
  const ends = [...sql.matchAll(quoted)].filter((match) => match[0] === ';').map((match) => match.index)
  const pieces = [...ends, sql.length].map((end, index) => sql.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end))
  return pieces
    .filter((piece) => piece.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '')
    .map((piece) => piece.trim())
}
