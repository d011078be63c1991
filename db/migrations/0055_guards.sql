-- A lock that right passwords do not set; and titles that an address has had its say on, though its account is gone.

-- migrate:up
alter table login_failures
  add column wrong integer not null default 0 check (wrong >= 0),
  add column looking integer not null default 0 check (looking >= 0),
  add column looked_at timestamptz,
  add column refused_at timestamptz;
update login_failures set wrong = failures;
comment on column login_failures.failures is 'Attempts since the last right one, those that are under way or were refused included; taken back where the password could not be looked at.';
comment on column login_failures.wrong is 'How many of them were looked at and wrong: five lock.';
comment on column login_failures.looking is 'How many are being looked at. With those that were wrong they are five at most.';
comment on column login_failures.looked_at is 'When the last look began; what began long ago has ended with its process.';
comment on column login_failures.refused_at is 'When the present lock refused somebody for the first time, which the audit log is told.';

create table erased_reviewers (
  review_hash bytea primary key check (length(review_hash) = 32),
  erased_at timestamptz not null default now()
);
comment on table erased_reviewers is 'For 180 days, by a keyed hash of e-mail address and title: whose account was erased while its review of the title stayed. The next review of the title by that address waits for a moderator, so that nobody votes again and again.';
create index erased_reviewers_erased_at_idx on erased_reviewers (erased_at);

comment on table known_devices is 'Pairs of a kind of device and a provider''s network that an account has signed in from, as keyed hashes; a new one is told by e-mail.';

-- migrate:down
comment on table known_devices is 'Pairs of user agent and address that an account has signed in from, as keyed hashes; a new one is told by e-mail.';
drop table erased_reviewers;
alter table login_failures drop column wrong, drop column looking, drop column looked_at, drop column refused_at;
comment on column login_failures.failures is 'Counted before a password is looked at, taken back when it was right.';
