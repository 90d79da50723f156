-- Refunds that an operator has asked for: business after the sale, each with a workflow of its own.

create table refunds (
  order_id     text not null references orders (id),
  -- Counts within the order. It stands in the workflow's id and in the provider's keys, so it is never given twice.
  number       integer not null check (number > 0),
  tenant       text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency     text not null check (currency ~ '^[A-Z]{3}$'),
  -- `completed`: all of it went back. `abandoned`: given up, and nothing went back for certain.
  state        text not null default 'requested' check (state in ('requested', 'completed', 'abandoned')),
  reason       text not null,
  actor        text not null,
  -- Why and by whom it was given up.
  outcome      jsonb,
  -- {runId, runStartedAt, number}: the parking whose decision stopped it. No attempt of before sends anything any more.
  fence        jsonb,
  -- When the launcher looks whether its workflow runs; pushed away, not taken, until the refund has come to its end.
  launch_after timestamptz default clock_timestamp(),
  requested_at timestamptz not null default clock_timestamp(),
  settled_at   timestamptz,
  primary key (order_id, number),
  check ((state = 'requested') = (launch_after is not null)),
  check ((state = 'requested') = (settled_at is null)),
  check ((state = 'abandoned') = (outcome is not null))
);
create index refunds_to_launch on refunds (launch_after) where launch_after is not null;

-- Units that were asked for by line; none where an amount was.
create table refund_lines (
  order_id text not null,
  number   integer not null,
  sku      text not null,
  quantity integer not null check (quantity > 0),
  primary key (order_id, number, sku),
  foreign key (order_id, number) references refunds (order_id, number)
);

-- How it is split over the order's payments, fixed when it is accepted.
create table refund_parts (
  order_id     text not null,
  number       integer not null,
  -- Of the payment that gives it back.
  ordinal      integer not null,
  amount_minor bigint not null check (amount_minor > 0),
  -- The revision of its idempotency key (`…:rN`), raised before it is used.
  revision     integer not null default 1,
  -- When an attempt was last allowed to send it. Long after that, what the provider's list does not show was not made.
  sent_at      timestamptz,
  -- Why the provider does not make it under this revision, and the parking at which a person is told so: {words, isCertain, parking}.
  failure      jsonb,
  -- The refund at the provider that it has come to.
  refund_id    text unique,
  primary key (order_id, number, ordinal),
  foreign key (order_id, number) references refunds (order_id, number),
  foreign key (order_id, ordinal) references payments (order_id, ordinal)
);
