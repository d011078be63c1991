-- The newest activities of a type, for feeds that are asked for by types.

-- migrate:up
create index activities_type_newest_idx on activities (type, created_at desc, id desc) include (user_id);

-- migrate:down
drop index activities_type_newest_idx;
