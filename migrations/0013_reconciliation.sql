-- Reconciliation: our books compared with the provider's and with Temporal's, and what came of it.

-- One comparison. It is about everybody's orders; `tenant` is whose operator asked for it, null for the schedule.
create table reconciliations (
  id           text primary key,
  tenant       text,
  requested_by text not null,
  dry_run      boolean not null default false,
  accepted_at  timestamptz not null default clock_timestamp(),
  -- Set while no workflow is known to be at work: when it may be started (again).
  launch_after timestamptz,
  -- The workflow that works on it: one that the schedule has started finds its report again after a crash.
  workflow_id  text not null unique,
  -- Until when things are compared (younger ones may be under way), and since when. `since` may be asked for.
  since        timestamptz,
  until        timestamptz,
  finished_at  timestamptz,
  -- Why it could not be finished; null when it was.
  failure      text,
  -- More drifts than one report holds.
  truncated    boolean not null default false,
  check (failure is null or finished_at is not null)
);
create index reconciliations_to_launch on reconciliations (launch_after) where launch_after is not null;
create index reconciliations_by_time on reconciliations (accepted_at desc, id desc);

-- What did not agree. `suspected` until it was looked at a second time.
create table reconciliation_drifts (
  id                bigint generated always as identity primary key,
  reconciliation_id text not null references reconciliations (id) on delete cascade,
  -- Whose it is; null where no row of ours says (a workflow, or a payment, of an order that is not in our tables).
  tenant            text,
  name              text not null,
  -- What it is about: {kind, id}, and whom it concerns.
  kind              text not null check (kind in ('order', 'payment', 'refund', 'stock', 'notice', 'stranger')),
  object            text not null,
  order_id          text,
  payment_id        text,
  found             text not null,
  remedy            text not null,
  outcome           text not null default 'suspected'
                    check (outcome in ('suspected', 'vanished', 'found', 'repaired', 'parked', 'waits', 'acknowledged', 'reported')),
  seen_at           timestamptz not null default clock_timestamp(),
  settled_at        timestamptz,
  unique (reconciliation_id, kind, object),
  check ((outcome = 'suspected') = (settled_at is null))
);
create index reconciliation_drifts_suspected on reconciliation_drifts (reconciliation_id, id) where outcome = 'suspected';
-- What was parked once and has been decided about is not parked again.
create index reconciliation_drifts_parked on reconciliation_drifts (object, name) where outcome = 'parked';

-- The provider's book while it is being compared; gone when that is done.
create table reconciliation_copies (
  reconciliation_id text not null references reconciliations (id) on delete cascade,
  kind              text not null check (kind in ('payment', 'refund')),
  object            text not null,
  -- The payment as the provider lists it, or the refund.
  copy              jsonb not null,
  primary key (reconciliation_id, kind, object)
);

-- Open orders and what the ledger got in a span of time, whatever grows.
create index orders_open on orders (id) where launch_after is not null;
create index ledger_by_time on ledger (at, id);
create index payment_notices_waiting on payment_notices (received_at) where due_at is not null;

-- The sum of a product's movements is read from the index alone, however many there are.
create index stock_movements_sums on stock_movements (tenant, warehouse, sku, id) include (on_hand_delta);
drop index stock_movements_by_sku;
