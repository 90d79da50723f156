-- How far the feed of events was published to a message broker. A row for each exchange.

create table event_publishers (
  exchange   text primary key check (length(exchange) between 1 and 127),
  -- The position up to which the broker has confirmed everything.
  fed_to     bigint not null check (fed_to >= 0),
  -- Whoever publishes now, and until when nobody else does: what comes late moves nothing.
  claim      text,
  held_until timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  check ((claim is null) = (held_until is null))
);
