-- Who had a title on the watchlist before a day: asked for each that came out lately, until somebody was told.

-- migrate:up
create index list_titles_watched_since_idx on list_titles (movie_id, added_at) where list = 'watchlist';

-- migrate:down
drop index list_titles_watched_since_idx;
