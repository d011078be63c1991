-- What reviews say of an account, in numbers.

-- migrate:up
create or replace view user_statistics as
select
  u.id as user_id,
  (select count(*) from reviews r where r.user_id = u.id and r.moderation_status = 'approved')::integer as total_reviews,
  (select round(avg(r.lemon_pie_rating), 1) from reviews r
    where r.user_id = u.id and r.moderation_status = 'approved')::numeric(3, 1) as average_rating,
  0::integer as followers_count,
  0::integer as following_count,
  -- Who has reviewed a title has watched it, as has_watched says.
  (select count(*) from reviews r where r.user_id = u.id)::integer as movies_watched
from users u;

-- migrate:down
create or replace view user_statistics as
select
  u.id as user_id,
  0::integer as total_reviews,
  null::numeric(3, 1) as average_rating,
  0::integer as followers_count,
  0::integer as following_count,
  0::integer as movies_watched
from users u;
