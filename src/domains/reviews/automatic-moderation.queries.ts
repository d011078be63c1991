import { sql } from 'kysely'
import type { Db } from '../../infra/db.ts'
import type { ModerationFacts, WordList } from './automatic-moderation.schemas.ts'

/** The whole word list, which is bounded where it is edited. */
export async function getWordList(db: Db): Promise<WordList> {
  const { rows } = await sql<WordList>`
    /* getWordList */
    select
      coalesce((
        select json_agg(json_build_object('id', w.id, 'word', w.word, 'folded', w.folded, 'language', w.language,
          'category', w.category, 'level', w.level, 'form', w.form, 'marks_matter', w.marks_matter) order by w.id)
        from moderation_words w
      ), '[]') as words,
      array(select a.folded from moderation_allowed a) as allowed`.execute(db)
  return rows[0]!
}

interface FactsOptions {
  readonly authorId: string
  readonly movieId: string
  readonly text: string
  /** The review that is being edited, if it is one. */
  readonly reviewId: string | null
  /** What may be the name of a title or a person, folded. */
  readonly phrases: readonly string[]
}

/** More reviews with one text, or in one day, say no more than so many. */
const most = 100

/**
 * A text is nearly another one when so much of their trigrams is the same; looked for among the author's newest and the
 * title's newest reviews. Shorter texts than this resemble each other by chance.
 */
const nearly = { similarity: 0.85, size: 60, own: 10, others: 20 } as const

/** What there was against the review of a title that its author had before, as it was when it was deleted. */
const earlierReview = (authorId: string, movieId: string, reviewId: string | null) => sql`(
  select case when last.fate is not null then json_build_object('fate', last.fate, 'reason', last.moderation_reason) end
  from (
    select x.moderation_reason,
      case
        when x.by_moderator then 'deleted'
        when x.moderation_status = 'rejected' then 'rejected'
        when x.was_held then 'held'
        when x.moderation_status = 'pending' then 'pending'
        when exists (
          select from reports p where p.removed_review_id = x.id and (p.resolution is null or p.resolution <> 'dismissed')
        ) then 'reported'
      end as fate
    from removed_reviews x
    where x.user_id = ${authorId}::uuid and x.movie_id = ${movieId}::uuid and ${reviewId}::uuid is null
    order by x.removed_at desc, x.id desc
    limit 1
  ) last
)`

/** What the rules need to know beside the text, in one statement. */
export async function getModerationFacts(
  db: Db,
  { authorId, movieId, text, reviewId, phrases }: FactsOptions,
): Promise<ModerationFacts> {
  // Most reviews have no word to look up, and need not be planned as if they had.
  const named = phrases.length > 0
  const names = named
    ? sql`
      array(
        select p.phrase from unnest(${[...phrases]}::text[]) p (phrase)
        where exists (select from movies m where m.folded_title = p.phrase)
          or exists (select from movies m where fold(m.local_title) = p.phrase)
          or exists (select from movie_aliases a where fold(a.name) = p.phrase)
          or exists (select from people e where fold(e.name) = p.phrase)
          or exists (select from person_aliases a where fold(a.name) = p.phrase)
          or exists (select from movie_credits c where fold(c.character_name) = p.phrase)
      ) as names,
      array(
        select fold(own.name) from (
          select m.title as name from movies m where m.id = ${movieId}::uuid
          union all select m.local_title from movies m where m.id = ${movieId}::uuid
          union all select a.name from movie_aliases a where a.movie_id = ${movieId}::uuid
          union all
          select named.name from movie_credits c
          join people e on e.id = c.person_id
          cross join lateral (values (e.name), (c.character_name)) named (name)
          where c.movie_id = ${movieId}::uuid
          limit 500
        ) own
        where own.name is not null
      ) as title_names`
    : sql`array[]::text[] as names, array[]::text[] as title_names`
  const { rows } = await sql<ModerationFacts>`
    ${sql.raw(named ? '/* getModerationFactsOfWords prepared */' : '/* getModerationFacts prepared */')}
    with lately as (
      (
        select r.created_at from reviews r
        where r.user_id = ${authorId}::uuid and r.created_at > now() - interval '1 day'
          and r.id is distinct from ${reviewId}::uuid
        limit ${most}
      )
      union all
      -- Who deletes what they posted has posted it all the same.
      (
        select x.written_at from removed_reviews x
        where x.user_id = ${authorId}::uuid and x.written_at > now() - interval '1 day'
        limit ${most}
      )
    ), same as (
      select r.user_id, r.movie_id from reviews r
      where r.text_hash = review_text_hash(${text}) and r.id is distinct from ${reviewId}::uuid
        and fold(r.review_text) = fold(${text})
      limit ${most}
    ), wanted as materialized (
      select fold(${text}) as folded, length(${text}::text) as size where length(${text}::text) >= ${nearly.size}
    ), nearly_same as materialized (
      select near.user_id
      from wanted w
      cross join lateral (
        (
          select r.user_id, r.review_text from reviews r
          where r.user_id = ${authorId}::uuid and r.movie_id <> ${movieId}::uuid
          order by r.created_at desc, r.id desc
          limit ${nearly.own}
        )
        union all
        (
          select r.user_id, r.review_text from reviews r
          where r.movie_id = ${movieId}::uuid and r.user_id is distinct from ${authorId}::uuid
          order by r.created_at desc, r.id desc
          limit ${nearly.others}
        )
      ) near
      where length(near.review_text) between w.size * 0.8 and w.size * 1.25
        and similarity(fold(near.review_text), w.folded) >= ${nearly.similarity}
    )
    select ${names},
      coalesce((
        select extract(epoch from now() - u.created_at) / 3600 from users u where u.id = ${authorId}::uuid
      ), 0)::double precision as account_age,
      (select count(*) from lately l where l.created_at > now() - interval '1 hour') as reviews_last_hour,
      (select count(*) from lately) as reviews_last_day,
      (
        select count(*) from same s where s.user_id = ${authorId}::uuid and s.movie_id <> ${movieId}::uuid
      ) as same_text_own,
      (select count(*) from same s where s.user_id is distinct from ${authorId}::uuid) as same_text_others,
      (select count(*) from nearly_same n where n.user_id = ${authorId}::uuid) as near_text_own,
      (select count(*) from nearly_same n where n.user_id is distinct from ${authorId}::uuid) as near_text_others,
      ${earlierReview(authorId, movieId, reviewId)} as earlier`.execute(db)
  return rows[0]!
}
