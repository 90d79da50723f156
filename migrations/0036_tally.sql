-- What has happened so far, counted as the events get their positions: monitoring asks every few seconds, and must not read
-- all events each time. Counts and cursor change in one transaction, so that each event is counted once, whoever dies.

create table tally_cursor (
  only_row     boolean primary key default true check (only_row),
  -- Events up to this position are counted.
  counted_to   bigint not null default 0 check (counted_to >= 0),
  -- When all that there was had been counted for the first time: before that the numbers say nothing yet.
  caught_up_at timestamptz
);
insert into tally_cursor default values;

create table event_tally (
  event_type   text not null,
  -- Of `order.rejected` the code of the rejection; empty for all others.
  code         text not null default '',
  -- Of events that tell of money taken, given back or agreed upon; empty for all others.
  currency     text not null default '',
  times        bigint not null check (times > 0),
  amount_minor bigint not null default 0,
  primary key (event_type, code, currency)
);

-- How long orders took from being placed to being confirmed: how many took at most so long, and more than the step below.
create table confirmation_tally (
  up_to_seconds float8 primary key,
  times         bigint not null check (times > 0),
  seconds       float8 not null
);

-- The oldest message that a subscriber has not been told.
create index webhook_deliveries_oldest on webhook_deliveries (subscription_id, id) where state = 'pending';
