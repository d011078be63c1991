import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { DB } from '../../db/types.ts'
import type { Db } from './db.ts'

/** A statement compiled once: its text is prepared on each connection under its name. */
export interface HotStatement {
  readonly name: string
  readonly text: string
}

/** A statement for `hot.run`: takes parameters `P` by name and answers rows `Row`. */
export interface HotQuery<P extends object, Row> extends HotStatement {
  /** The parameters in the statement's order. */
  bind(parameters: P): unknown[]
  /** Only for the type checker. */
  readonly row?: Row
}

/** Compiles and never connects. */
const compiler: Db = new Kysely<DB>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

interface Placeholder {
  readonly placeholder: string
}

const isPlaceholder = (value: unknown): value is Placeholder =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'placeholder')

/**
 * Compiles a query once, with a placeholder for each parameter that `build` reads:
 * `compileHot('findMovie', (db, p: { id: string }) => findMovie(db, p.id))`. Raw SQL ends in `.compile(db)`.
 *
 * The builder runs once, so a parameter can only be a value of the statement: it cannot decide what the statement is, be
 * spread into a list (`= any(${p.ids})` takes an array) or be turned into something else on the way.
 * @param name unique in the process; the prepared statement's name and its label in the metrics
 */
export function compileHot<P extends object, Row>(
  name: string,
  build: (db: Db, parameters: P) => Compilable<Row> | CompiledQuery<Row>,
): HotQuery<P, Row> {
  if (!/^\w{1,63}$/.test(name)) throw new Error(`'${name}' cannot name a statement`)
  const asked = new Set<string>()
  const placeholders = new Proxy({} as P, {
    get: (_, property) => {
      asked.add(String(property))
      return { placeholder: String(property) } satisfies Placeholder
    },
  })
  const built = build(compiler, placeholders)
  const { sql, parameters } = 'compile' in built ? built.compile() : built
  const order = parameters.map((value) => (isPlaceholder(value) ? value.placeholder : { constant: value }))
  for (const property of asked) {
    if (!order.includes(property)) throw new Error(`${name}: '${property}' is no value of the statement`)
  }
  return {
    name,
    text: `/* ${name} */ ${sql}`,
    bind: (values) =>
      order.map((item) => (typeof item === 'string' ? (values as Record<string, unknown>)[item] : item.constant)),
  }
}
