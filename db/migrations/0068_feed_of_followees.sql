-- The feed of who follows few, or whom nobody of many has done anything lately: by its followees, one by one.

-- migrate:up
create function followed_within_hour(viewer uuid, who uuid, since timestamptz)
  returns table (followee_id uuid, created_at timestamptz)
  language sql stable
  as $$
    select g.followee_id, g.created_at
    from follows g
    where g.follower_id = who and g.created_at >= since and g.created_at < since + interval '1 hour'
      and g.followee_id not in (
        select u.id from users u where u.suspended_at is not null and coalesce(u.suspended_until > now(), true)
      )
      -- As is_blocked, which would be set up anew for each of them.
      and not exists (select from blocks b where b.blocker_id = viewer and b.blocked_id = g.followee_id)
      and not exists (select from blocks b where b.blocker_id = g.followee_id and b.blocked_id = viewer)
  $$;
comment on function followed_within_hour(uuid, uuid, timestamptz) is
  'Whom an account followed within an hour, as far as a viewer sees them; planned along with the statement that asks.';

-- Each followee's newest activity says who can be on the page at all: those with the newest of these, as many as it has rows.
-- A function, so that statements that seldom come to it need not set it up. Limits that are not known would have it planned
-- anew each time, but for the setting; a thousand rows, which is what functions are taken to have, whoever asks it.
create function feed_of_followees(viewer uuid, after_at timestamptz, after_id uuid, most integer)
  returns setof activities rows 20
  language plpgsql stable
  set plan_cache_mode = force_generic_plan
  as $$
  begin
    return query
    with heads as materialized (
      select f.followee_id as user_id
      from follows f
      cross join lateral (
        select a.created_at, a.id from activities a
        where a.user_id = f.followee_id and (a.created_at, a.id) < (after_at, after_id)
          and (a.type <> 'followed' or exists (select from followed_within_hour(viewer, a.user_id, a.hour)))
        order by a.created_at desc, a.id desc
        limit 1
      ) a
      where f.follower_id = viewer and f.followee_id not in (
        select u.id from users u where u.suspended_at is not null and coalesce(u.suspended_until > now(), true)
      )
      order by a.created_at desc, a.id desc
      limit most
    )
    select a.*
    from heads h
    cross join lateral (
      select a.* from activities a
      where a.user_id = h.user_id and (a.created_at, a.id) < (after_at, after_id)
        and (a.type <> 'followed' or exists (select from followed_within_hour(viewer, a.user_id, a.hour)))
      order by a.created_at desc, a.id desc
      limit most
    ) a
    order by a.created_at desc, a.id desc
    limit most;
  end $$;
comment on function feed_of_followees(uuid, timestamptz, uuid, integer) is
  'So many of the newest activities of those whom an account follows, before a point of time, as it may see them.';

create function feed_of_followees(viewer uuid, types activity_type[], after_at timestamptz, after_id uuid, most integer)
  returns setof activities rows 20
  language plpgsql stable
  set plan_cache_mode = force_generic_plan
  as $$
  begin
    return query
    with heads as materialized (
      select f.followee_id as user_id, t.type
      from follows f
      cross join unnest(types) t (type)
      cross join lateral (
        select a.created_at, a.id from activities a
        where a.user_id = f.followee_id and a.type = t.type and (a.created_at, a.id) < (after_at, after_id)
          and (a.type <> 'followed' or exists (select from followed_within_hour(viewer, a.user_id, a.hour)))
        order by a.created_at desc, a.id desc
        limit 1
      ) a
      where f.follower_id = viewer and f.followee_id not in (
        select u.id from users u where u.suspended_at is not null and coalesce(u.suspended_until > now(), true)
      )
      order by a.created_at desc, a.id desc
      limit most
    )
    select a.*
    from heads h
    cross join lateral (
      select a.* from activities a
      where a.user_id = h.user_id and a.type = h.type and (a.created_at, a.id) < (after_at, after_id)
        and (a.type <> 'followed' or exists (select from followed_within_hour(viewer, a.user_id, a.hour)))
      order by a.created_at desc, a.id desc
      limit most
    ) a
    order by a.created_at desc, a.id desc
    limit most;
  end $$;
comment on function feed_of_followees(uuid, activity_type[], timestamptz, uuid, integer) is
  'The same of some types.';

-- migrate:down
drop function feed_of_followees(uuid, activity_type[], timestamptz, uuid, integer);
drop function feed_of_followees(uuid, timestamptz, uuid, integer);
drop function followed_within_hour(uuid, uuid, timestamptz);
