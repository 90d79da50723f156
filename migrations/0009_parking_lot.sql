-- What an operator needs in front of a parked order: what was tried, who decided what, and decisions about many orders.

-- Failed tries of activities that call the provider: its last words stay readable while Temporal is away. Kept short per
-- order by whoever writes (the newest ones); best effort, hence nothing else may rest on these rows.
create table step_attempts (
  id          bigint generated always as identity primary key,
  tenant      text not null,
  order_id    text not null references orders (id),
  step        text not null,
  attempt     integer not null check (attempt > 0),
  message     text not null,
  at          timestamptz not null default clock_timestamp(),
  -- When the next try is due; null when there is none, or nobody knows.
  next_try_at timestamptz
);
create index step_attempts_by_order on step_attempts (order_id, id desc);

-- One decision about many parked orders. The orders that matched when it was accepted are its rows below.
create table resolutions (
  id                  text primary key,
  tenant              text not null,
  actor               text not null,
  action              text not null check (action in ('retry', 'compensate')),
  reason              text not null,
  filter              jsonb not null,
  accepted_at         timestamptz not null default clock_timestamp(),
  -- Set while no workflow is known to be at work: when it may be started (again).
  launch_after        timestamptz default clock_timestamp(),
  cancel_requested_at timestamptz,
  cancelled_by        text,
  finished_at         timestamptz,
  check ((cancel_requested_at is null) = (cancelled_by is null))
);
create index resolutions_to_launch on resolutions (launch_after) where launch_after is not null;

create table resolution_orders (
  resolution_id text not null references resolutions (id),
  order_id      text not null references orders (id),
  tenant        text not null,
  -- `attention.since` when the decision was accepted: an order that has parked anew is another case.
  parked_since  text not null,
  -- Null until it is this order's turn, and for ever when the resolution was cancelled before that.
  outcome       text check (outcome in ('resolved', 'refused', 'unanswered')),
  detail        text,
  at            timestamptz,
  primary key (resolution_id, order_id),
  check ((outcome is null) = (at is null))
);
create index resolution_orders_left on resolution_orders (resolution_id, order_id) where outcome is null;

-- Who decided what about a parked order, why, and what came of it; for ever. `followed` when the decision was carried out,
-- and `parked-again` behind it when that did not help.
create table resolution_audit (
  id            bigint generated always as identity primary key,
  tenant        text not null,
  order_id      text not null references orders (id),
  -- The name of the one decision, the same for every repeat of its request; null for one made in Temporal directly.
  resolution_id text,
  bulk_id       text references resolutions (id),
  step          text not null,
  action        text not null check (action in ('retry', 'skip', 'compensate')),
  value         text,
  actor         text not null,
  reason        text not null,
  outcome       text not null check (outcome in ('followed', 'parked-again')),
  detail        text,
  at            timestamptz not null default clock_timestamp(),
  unique (order_id, resolution_id, outcome),
  check (action <> 'skip' or value is not null)
);
create index resolution_audit_by_order on resolution_audit (order_id, id desc);

create trigger resolution_audit_append_only before update or delete on resolution_audit
  for each row execute function refuse_change();
create trigger resolution_audit_no_truncate before truncate on resolution_audit
  for each statement execute function refuse_change();
