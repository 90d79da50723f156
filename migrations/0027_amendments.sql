-- An order is changed after its sale and before anything of it is packed: business of its own, with a workflow of its own.

create table amendments (
  order_id        text not null references orders (id),
  -- Counts within the order. It stands in the workflow's id, so it is never given twice.
  number          integer not null check (number > 0),
  tenant          text not null,
  -- `applied`: the order is as it was asked to be. `refused`: it is as it was, and nothing of the amendment is taken or held.
  state           text not null default 'pending' check (state in ('pending', 'applied', 'refused')),
  reason          text not null,
  actor           text not null,
  -- {totalMinor, totals, items}: as the order was, and as it is to be; priced when it was asked for, and frozen.
  before          jsonb not null,
  after           jsonb not null,
  changes_address boolean not null,
  -- Where to ship to from then on; a person's, so it is kept no longer than until the amendment has come to its end.
  shipping        jsonb,
  -- What is charged beyond what was paid, by which of the order's payments.
  charge_minor    bigint not null default 0 check (charge_minor >= 0),
  ordinal         integer,
  -- {code, message}: why it is refused, fixed by whoever first undoes it. From then on it is never applied.
  refusal         jsonb,
  -- The refund by which the difference goes back.
  refund_number   integer,
  -- When the launcher looks whether its workflow runs; pushed away, not taken, until the amendment has come to its end.
  launch_after    timestamptz default clock_timestamp(),
  requested_at    timestamptz not null default clock_timestamp(),
  settled_at      timestamptz,
  primary key (order_id, number),
  check ((state = 'pending') = (launch_after is not null)),
  check ((state = 'pending') = (settled_at is null)),
  check (state <> 'refused' or refusal is not null),
  check (state <> 'applied' or refusal is null),
  check (state = 'pending' or shipping is null),
  check ((charge_minor > 0) = (ordinal is not null)),
  check (refund_number is null or charge_minor = 0)
);
create unique index amendments_one_at_a_time on amendments (order_id) where state = 'pending';
create index amendments_to_launch on amendments (launch_after) where launch_after is not null;

-- What a further charge takes belongs to its amendment (`stray`: it does not count for the order) until that is applied.
alter table payments
  add column amendment integer,
  add foreign key (order_id, amendment) references amendments (order_id, number);

-- What amendments took off the total, each by a refund: the order was paid `total_minor + reduced_minor`.
alter table orders add column reduced_minor bigint not null default 0 check (reduced_minor >= 0);

-- Units that an amendment holds beside those that the order has bought already. 0: the order's own.
alter table reservations add column amendment integer not null default 0;
alter table reservations drop constraint reservations_pkey;
alter table reservations add primary key (order_id, amendment, warehouse, sku);
