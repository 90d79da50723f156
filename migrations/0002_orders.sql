-- Orders, what binds a client's key to them, and the stock they hold.

create table orders (
  id                    text primary key,
  tenant                text not null,
  status                text not null default 'placed'
                        check (status in ('placed', 'reserved', 'confirmed', 'rejected', 'cancelled')),
  -- {step, reason, since}: parked. {for, until}: waits for somebody outside. Both beside the status, never instead of it.
  attention             jsonb,
  waiting               jsonb,
  customer_id           text not null,
  currency              text not null check (currency ~ '^[A-Z]{3}$'),
  total_minor           bigint not null check (total_minor >= 0),
  shipping              jsonb,
  metadata              jsonb not null default '{}',
  correlation_id        text not null,
  -- How the order will end, fixed by the first undo: from then on no step may go forward.
  ending                jsonb,
  -- The fence of reserving (a payment has its own): a zombie attempt that comes after the undo must lose.
  reservation_fenced_at timestamptz,
  -- Set while no workflow has touched the order yet: when the launcher may try (again) to start it.
  launch_after          timestamptz,
  event_count           integer not null default 0,
  placed_at             timestamptz not null,
  updated_at            timestamptz not null,
  check (status not in ('rejected', 'cancelled') or ending ->> 'status' = status),
  check (status <> 'confirmed' or ending is null)
)
with (fillfactor = 70);

create index orders_by_place on orders (tenant, placed_at desc, id desc);
create index orders_by_status on orders (tenant, status, placed_at desc, id desc);
create index orders_by_customer on orders (tenant, customer_id, placed_at desc, id desc);
create index orders_by_correlation on orders (tenant, correlation_id, placed_at desc, id desc);
create index orders_parked on orders (tenant, placed_at desc, id desc) where attention is not null;
create index orders_to_launch on orders (launch_after) where launch_after is not null;

-- The same table of transitions as domain/order.ts; a test compares the two pair by pair.
create function refuse_illegal_transition() returns trigger language plpgsql as $$
begin
  if not ((old.status = 'placed' and new.status in ('reserved', 'rejected', 'cancelled'))
       or (old.status = 'reserved' and new.status in ('confirmed', 'rejected', 'cancelled'))) then
    raise exception 'an order can not become % once it is %', new.status, old.status using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger orders_legal_transitions before update of status on orders
  for each row when (old.status is distinct from new.status) execute function refuse_illegal_transition();

create table order_lines (
  order_id         text not null references orders (id),
  sku              text not null,
  name             text not null,
  quantity         integer not null check (quantity between 1 and 10000),
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  primary key (order_id, sku)
);

-- A client's key, bound for ever by the request that was accepted under it, with the answer that every repeat gets.
-- Either the answer stands here, or until when it is due; who first writes it decides it.
create table idempotency_keys (
  tenant          text not null,
  key             text not null,
  request_hash    text not null,
  -- Checked at commit: the key is claimed before the order exists. Null for a request that made no order.
  order_id        text references orders (id) deferrable initially deferred,
  answer_status   integer,
  answer_body     text,
  answer_location text,
  answer_due_at   timestamptz,
  created_at      timestamptz not null default clock_timestamp(),
  primary key (tenant, key),
  check ((answer_status is null) = (answer_body is null))
);

create table reservations (
  order_id   text not null references orders (id),
  tenant     text not null,
  warehouse  text not null,
  sku        text not null,
  quantity   integer not null check (quantity > 0),
  state      text not null check (state in ('held', 'released', 'sold')),
  -- By the database's clock: the safety net for orphans. The order's workflow owns the hold.
  expires_at timestamptz not null,
  primary key (order_id, warehouse, sku)
);
create index reservations_held on reservations (expires_at) where state = 'held';
