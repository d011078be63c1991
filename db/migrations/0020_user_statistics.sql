-- What an account has done, in numbers, for its profile.

-- migrate:up

-- The columns keep their names and types for good: whoever brings a table that counts replaces the view (`create or
-- replace view`), with every number a subquery over the one account, so that `where user_id = $1` is a few index scans.
create view user_statistics as
select
  u.id as user_id,
  0::integer as total_reviews,
  null::numeric(3, 1) as average_rating,
  0::integer as followers_count,
  0::integer as following_count,
  0::integer as movies_watched
from users u;
comment on view user_statistics is 'What a profile shows in numbers, exact at any moment. Asked for one account, never for all.';

-- migrate:down
drop view user_statistics;
