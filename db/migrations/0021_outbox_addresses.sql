-- Finds events that carry an e-mail address, so that they go with its account.

-- migrate:up
create index outbox_events_email_idx on outbox_events (lower(payload ->> 'email')) where payload ? 'email';

-- migrate:down
drop index outbox_events_email_idx;
