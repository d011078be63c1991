-- The numbers of a profile, now that there is something to count.

-- migrate:up
create or replace view user_statistics as
select
  u.id as user_id,
  (select count(*)::integer from reviews r where r.user_id = u.id and r.moderation_status = 'approved') as total_reviews,
  (select round(avg(r.lemon_pie_rating), 1)::numeric(3, 1) from reviews r where r.user_id = u.id and r.moderation_status = 'approved') as average_rating,
  coalesce((select c.followers_count from user_counts c where c.user_id = u.id), 0) as followers_count,
  coalesce((select c.following_count from user_counts c where c.user_id = u.id), 0) as following_count,
  (select count(*)::integer from list_titles l where l.user_id = u.id and l.list = 'watched') as movies_watched
from users u;

create function user_viewer(viewer uuid, shown uuid) returns json
  language sql stable parallel safe
  return case when viewer is not null and viewer <> shown then json_build_object(
    'is_following', exists (select from follows f where f.follower_id = viewer and f.followee_id = shown),
    'follows_you', exists (select from follows f where f.follower_id = shown and f.followee_id = viewer)) end;
comment on function user_viewer(uuid, uuid) is 'What of an account depends on who asks (UserViewer); null for nobody and for oneself.';

-- migrate:down
drop function user_viewer(uuid, uuid);
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
