-- Events told to others over HTTP: at least once, and of each order one after the other.

create table webhook_subscriptions (
  id          text primary key,
  tenant      text not null,
  url         text not null check (length(url) <= 2048),
  -- Null: all of them.
  event_types text[] check (cardinality(event_types) > 0),
  -- How an event is written: our envelope, or as a CloudEvent.
  format      text not null default 'envelope' check (format in ('envelope', 'cloudevents')),
  description text,
  -- What messages are signed with, the newest first: [{secret, until}]; `until` (null: no end) is the end of the one before while it is rotated.
  secrets     jsonb not null check (jsonb_array_length(secrets) > 0),
  -- Its feed stands still meanwhile, and nothing is sent.
  paused_at   timestamptz,
  -- How often it failed since it last answered well, over all orders, and since when; then it is only tried now and then.
  failures    integer not null default 0 check (failures >= 0),
  failing_since timestamptz,
  probe_at    timestamptz,
  -- How many repeats there were: each has its number.
  replays     integer not null default 0,
  created_at  timestamptz not null default clock_timestamp(),
  updated_at  timestamptz not null default clock_timestamp(),
  -- Nobody sees it any more, and nothing is sent; what it has left is taken away bit by bit.
  removed_at  timestamptz,
  check ((failures = 0) = (failing_since is null))
);
create index webhook_subscriptions_by_tenant on webhook_subscriptions (tenant, created_at, id);

-- How far the feed of events was divided into deliveries. 0 is the live one; the others tell a range once more.
create table webhook_feeds (
  subscription_id text not null references webhook_subscriptions (id),
  replay          integer not null check (replay >= 0),
  -- The position up to which it is done, and up to which it goes (null: on and on).
  fed_to          bigint not null check (fed_to >= 0),
  ends_at         bigint,
  -- When it had its turn last: one that is far behind, or fails, holds up no other.
  turn_at         timestamptz,
  created_at      timestamptz not null default clock_timestamp(),
  primary key (subscription_id, replay),
  check ((replay = 0) = (ends_at is null))
);

-- Of one order to one subscription: one delivery after the other.
create table webhook_lanes (
  subscription_id text not null references webhook_subscriptions (id),
  order_id        text not null,
  -- When its first delivery is to be tried; while one is under way, when that is taken for lost.
  due_at          timestamptz,
  -- Its first delivery waits for a person, and all others behind it.
  is_parked       boolean not null default false,
  -- Whoever is at it: what another has begun since is not settled by one that comes late.
  claim           text,
  primary key (subscription_id, order_id),
  check (not is_parked or due_at is null)
);
create index webhook_lanes_due on webhook_lanes (subscription_id, due_at) where due_at is not null;

create table webhook_deliveries (
  -- In the order in which they are to be made, within a lane.
  id              bigint generated always as identity primary key,
  subscription_id text not null references webhook_subscriptions (id),
  order_id        text not null,
  event_id        text not null references events (event_id),
  replay          integer not null default 0,
  state           text not null default 'pending' check (state in ('pending', 'delivered', 'parked', 'skipped')),
  attempts        integer not null default 0,
  -- The last answer: its status, or why there was none.
  status          integer,
  failure         text,
  attempted_at    timestamptz,
  settled_at      timestamptz,
  -- Who skipped it or had it sent again, and why.
  decided_by      text,
  reason          text,
  created_at      timestamptz not null default clock_timestamp(),
  unique (subscription_id, event_id, replay),
  check ((state in ('delivered', 'skipped')) = (settled_at is not null))
);
create index webhook_deliveries_open on webhook_deliveries (subscription_id, order_id, id) where state in ('pending', 'parked');
create index webhook_deliveries_of_order on webhook_deliveries (subscription_id, order_id, id);
create index webhook_deliveries_of_subscription on webhook_deliveries (subscription_id, id);
create index webhook_deliveries_parked on webhook_deliveries (subscription_id, id) where state = 'parked';
create index webhook_deliveries_settled on webhook_deliveries (settled_at) where settled_at is not null;
