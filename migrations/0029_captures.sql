-- When an order is paid: at once, or as it ships. Then its money is authorized first, and captured with what is handed over.

alter table orders
  add column capture text not null default 'at-confirm' check (capture in ('at-confirm', 'per-shipment')),
  add constraint only_what_ships_is_paid_as_it_ships check (ships or capture = 'at-confirm');

alter table payments
  -- Its money was authorized, to be captured later; until when that can be done (null: the provider does not say), and whether more than once.
  add column authorized_at    timestamptz,
  add column authorized_until timestamptz,
  add column captures_many    boolean not null default false,
  -- The revision of the key under which what is never captured is released.
  add column release_revision integer not null default 1,
  -- When the launcher has somebody look at what is to be captured; null: nothing is, or nothing is known to be yet.
  add column capture_after    timestamptz,
  add constraint authorized_since check (state <> 'authorized' or authorized_at is not null),
  add constraint only_what_was_authorized_is_captured_later check (capture_after is null or authorized_at is not null);
create index payments_to_capture on payments (capture_after) where capture_after is not null;

-- What is captured of an order that is paid as it ships: one for each shipment that is handed over, or one for all that is left.
create table payment_captures (
  order_id     text not null references orders (id),
  -- Counts within the order. It stands in the provider's keys, so it is never given twice.
  number       integer not null check (number > 0),
  tenant       text not null,
  -- Of the payment that it is taken by.
  ordinal      integer not null,
  -- The shipment that was handed over; null where the authorization was about to end.
  shipment     integer,
  -- For all that is still to come as well: nothing is captured after it.
  is_rest      boolean not null,
  amount_minor bigint not null check (amount_minor >= 0),
  state        text not null default 'due' check (state in ('due', 'captured', 'given_up')),
  -- The revision of its idempotency key (`…:rN`), raised before it is used.
  revision     integer not null default 1,
  -- Whether the provider releases the rest with it, fixed under each revision when it is first sent: a key stands for one request.
  is_final     boolean,
  -- When an attempt was last allowed to send it. Long after that, what the provider does not show was not made.
  sent_at      timestamptz,
  -- Why and by whom it was given up.
  outcome      jsonb,
  requested_at timestamptz not null default clock_timestamp(),
  settled_at   timestamptz,
  primary key (order_id, number),
  unique (order_id, shipment),
  foreign key (order_id, ordinal) references payments (order_id, ordinal),
  foreign key (order_id, shipment) references shipments (order_id, number),
  check (shipment is not null or is_rest),
  check ((state = 'due') = (settled_at is null)),
  check ((state = 'given_up') = (outcome is not null))
);
create unique index payment_captures_one_rest on payment_captures (order_id) where is_rest;
