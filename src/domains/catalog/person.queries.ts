import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import { isUuid } from '../../lib/schemas.ts'
import type { FilmographyEntry, Person } from './person.schemas.ts'

type Film = FilmographyEntry & { readonly sort_key: string }
type FoundPerson = Omit<Person, 'filmography'> & { readonly films: Film[] }

export interface PersonOptions {
  readonly idOrSlug: string
  /** How many titles; ask for one more than a page has. */
  readonly rows: number
  /** The release key and the id of the title to go on after. */
  readonly after?: readonly [key: string, id: string]
}

/** A person and a page of the titles that they had a part in, each once, the newest first. */
export async function findPerson(db: Db, { idOrSlug, rows, after }: PersonOptions): Promise<FoundPerson | undefined> {
  const isNamed = isUuid(idOrSlug) ? sql`p.id = ${idOrSlug}::uuid` : sql`p.slug = ${idOrSlug}`
  const beyond = after ? sql`where (sort_key, id) < (${after[0]}::date, ${after[1]}::uuid)` : sql``
  const result = await sql<FoundPerson>`
    /* findPerson */
    select p.id, p.slug, p.name,
      array(select a.name from person_aliases a where a.person_id = p.id order by a.name) as aliases,
      (
        select coalesce(json_agg(distinct c.role::text order by c.role::text), '[]')
        from movie_credits c where c.person_id = p.id
      ) as roles,
      (select count(distinct c.movie_id) from movie_credits c where c.person_id = p.id) as title_count,
      coalesce((
        select json_agg(json_build_object(
            'movie', film.summary, 'roles', film.roles, 'sort_key', film.sort_key
          ) order by film.sort_key desc, film.id desc)
        from (
          select page.id, page.roles, page.sort_key, row_to_json(shown) as summary
          from (
            select * from (
              select m.id, coalesce(m.release_date, make_date(m.release_year, 1, 1), '-infinity'::date) as sort_key,
                json_agg(json_build_object('role', c.role, 'character', c.character_name)
                  order by c.role, c.billing_order, c.id) as roles
              from movie_credits c
              join movies m on m.id = c.movie_id
              where c.person_id = p.id
              group by m.id
            ) works
            ${beyond}
            order by sort_key desc, id desc
            limit ${rows}
          ) page
          cross join lateral (
            select ms.*, null as viewer from movie_summaries ms where ms.id = page.id
          ) shown
        ) film
      ), '[]') as films
    from people p
    where ${isNamed}`.execute(db)
  return result.rows[0]
}

/** The present slug of the person who had this one before. */
export async function findPersonSlugAfter(db: Db, formerSlug: string): Promise<string | undefined> {
  const result = await sql<{ slug: string }>`
    /* findPersonSlugAfter */
    select p.slug
    from person_former_slugs f
    join people p on p.id = f.person_id
    where f.slug = ${formerSlug}`.execute(db)
  return result.rows[0]?.slug
}
