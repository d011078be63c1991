// Ways to find the first page of a feed, all over the same rows: what is measured is finding the ids alone.
import pg from 'pg'
import type { LoadResult } from './load.ts'
import { sqlLoad } from './sql-load.ts'

const rows = 21

const designs: ReadonlyArray<readonly [name: string, sql: string]> = [
  [
    `read: the newest ${rows} of each followee`,
    `select a.id from follows f cross join lateral (
       select a.id, a.created_at from activities a where a.user_id = f.followee_id order by a.created_at desc, a.id desc limit ${rows}
     ) a where f.follower_id = $1 order by a.created_at desc, a.id desc limit ${rows}`,
  ],
  [
    `read: the newest of each followee, then ${rows} of the newest ${rows}`,
    `select a.id from (
       select f.followee_id from follows f cross join lateral (
         select a.id, a.created_at from activities a where a.user_id = f.followee_id order by a.created_at desc, a.id desc limit 1
       ) a where f.follower_id = $1 order by a.created_at desc, a.id desc limit ${rows}
     ) h cross join lateral (
       select a.id, a.created_at from activities a where a.user_id = h.followee_id order by a.created_at desc, a.id desc limit ${rows}
     ) a order by a.created_at desc, a.id desc limit ${rows}`,
  ],
  [
    'read: of the newest of everybody, 12 for each followee at most, those of followees',
    `select a.id from (
       select a.id, a.user_id, a.created_at from activities a order by a.created_at desc, a.id desc
       limit (select 12 * c.following_count from user_counts c where c.user_id = $1)
     ) a where (a.user_id in (select f.followee_id from follows f where f.follower_id = $1)) is true
     order by a.created_at desc, a.id desc limit ${rows}`,
  ],
  [
    'write: rows of one’s own, made when followees act',
    `select i.activity_id from bench_inboxes i where i.reader_id = $1 order by i.created_at desc, i.activity_id desc limit ${rows}`,
  ],
]

export interface DesignResults {
  readonly reads: ReadonlyArray<{ readonly name: string; readonly load: LoadResult }>
  /** Milliseconds that writing one activity into the rows of every follower of a star takes. */
  readonly fanOut: number
}

/** Measures each design for readers at some concurrency. */
export async function measureDesigns(
  url: string,
  readers: readonly string[],
  star: string,
  { concurrency, seconds }: { readonly concurrency: number; readonly seconds: number },
): Promise<DesignResults> {
  const pool = new pg.Pool({ connectionString: url, max: concurrency })
  // The server is stopped right after, perhaps before the last connection has closed.
  pool.on('error', () => {})
  try {
    await pool.query(`drop table if exists bench_inboxes;
      create table bench_inboxes (reader_id uuid, created_at timestamptz, activity_id uuid, primary key (reader_id, created_at, activity_id))`)
    await pool.query(
      `insert into bench_inboxes
       select u.id, a.created_at, a.id from users u
       join follows f on f.follower_id = u.id
       cross join lateral (select * from activities a where a.user_id = f.followee_id order by a.created_at desc limit 50) a
       where u.email = any ($1)`,
      [readers],
    )
    await pool.query('vacuum analyze bench_inboxes')
    const ids = (await pool.query<{ id: string }>('select id from users where email = any ($1)', [readers])).rows
    const reads = []
    for (const [index, [name, text]] of designs.entries()) {
      let turn = 0
      const ask = () => pool.query({ name: `design${index}`, text, values: [ids[turn++ % ids.length]!.id] })
      await sqlLoad(ask, concurrency, 1)
      reads.push({ name, load: await sqlLoad(ask, concurrency, seconds) })
    }
    const begun = performance.now()
    await pool.query(
      `insert into bench_inboxes
       select f.follower_id, now(), uuidv7() from follows f join users u on u.id = f.followee_id where u.email = $1`,
      [star],
    )
    return { reads, fanOut: performance.now() - begun }
  } finally {
    await pool.end()
  }
}
