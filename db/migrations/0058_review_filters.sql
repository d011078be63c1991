-- Indexes for the filters of review lists. A vote writes into every index, so they hold what is rare: where most reviews
-- match, as those in English do, walking the list's own order finds a page soon.

-- migrate:up
create index reviews_language_highest_idx on reviews (review_language, lemon_pie_rating desc, id desc)
  where moderation_status = 'approved' and review_language <> 'en';
create index reviews_language_most_helpful_idx on reviews (review_language, helpful_score desc, id desc)
  where moderation_status = 'approved' and review_language <> 'en';
create index reviews_critics_highest_idx on reviews (lemon_pie_rating desc, id desc)
  where moderation_status = 'approved' and as_critic;
create index reviews_critics_most_helpful_idx on reviews (helpful_score desc, id desc)
  where moderation_status = 'approved' and as_critic;
create index reviews_movie_language_idx on reviews (movie_id, review_language, created_at desc, id desc)
  where moderation_status = 'approved' and review_language <> 'en';
create index reviews_movie_critics_idx on reviews (movie_id, created_at desc, id desc)
  where moderation_status = 'approved' and as_critic;

-- migrate:down
drop index reviews_movie_critics_idx;
drop index reviews_movie_language_idx;
drop index reviews_critics_most_helpful_idx;
drop index reviews_critics_highest_idx;
drop index reviews_language_most_helpful_idx;
drop index reviews_language_highest_idx;
