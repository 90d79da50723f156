-- What is on its way to customers.

-- Warehouses say what they have packed: a scope of their own.
alter table api_keys drop constraint api_keys_scopes_check;
alter table api_keys add constraint api_keys_scopes_check check (
  cardinality(scopes) > 0
  and scopes <@ array['orders:read', 'orders:write', 'orders:cancel', 'orders:review', 'orders:review:escalated',
                      'orders:fulfil', 'operate', 'admin']
);

create table shipments (
  order_id        text not null references orders (id),
  number          integer not null check (number > 0),
  tenant          text not null,
  -- Where it leaves from: what comes from two is two shipments.
  warehouse       text not null,
  status          text not null default 'pending'
                  check (status in ('pending', 'packed', 'dispatched', 'delivered', 'lost', 'returned', 'cancelled')),
  -- It is sent once more in the place of this one.
  replaces        integer,
  -- Set before the carrier is asked for a parcel: whoever cancels has to ask the carrier from then on.
  label_asked_at  timestamptz,
  parcel_id       text unique,
  tracking_number text,
  -- {for, until}: whom it waits for, until when; `delayed_at`: that it takes long was told.
  waiting         jsonb,
  wait_what       text check (wait_what in ('packing', 'dispatch', 'delivery')),
  delayed_at      timestamptz,
  packed_at       timestamptz,
  -- Facts, as the carrier dates them; also those of a parcel that was cancelled and left all the same.
  dispatched_at   timestamptz,
  lost_at         timestamptz,
  delivered_at    timestamptz,
  returned_at     timestamptz,
  cancelled_at    timestamptz,
  -- A person has taken it as it is.
  accepted_at     timestamptz,
  created_at      timestamptz not null default clock_timestamp(),
  primary key (order_id, number),
  unique (order_id, replaces),
  foreign key (tenant, warehouse) references warehouses (tenant, id),
  foreign key (order_id, replaces) references shipments (order_id, number),
  check ((status = 'pending') <= (packed_at is null)),
  check ((status = 'dispatched') <= (dispatched_at is not null)),
  check ((status = 'delivered') <= (delivered_at is not null)),
  check ((status = 'cancelled') = (cancelled_at is not null))
);
create index shipments_by_status on shipments (tenant, status, created_at, order_id, number);

-- The same table of transitions as domain/shipment.ts; a test compares the two pair by pair.
create function refuse_illegal_shipment() returns trigger language plpgsql as $$
begin
  if not ((old.status = 'pending' and new.status in ('packed', 'cancelled'))
       or (old.status = 'packed' and new.status in ('dispatched', 'delivered', 'lost', 'returned', 'cancelled'))
       or (old.status = 'dispatched' and new.status in ('delivered', 'lost', 'returned'))
       or (old.status = 'lost' and new.status in ('delivered', 'returned'))) then
    raise exception 'a shipment can not become % once it is %', new.status, old.status using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger shipments_legal_transitions before update of status on shipments
  for each row when (old.status is distinct from new.status) execute function refuse_illegal_shipment();

create table shipment_lines (
  order_id text not null,
  number   integer not null,
  tenant   text not null,
  sku      text not null,
  quantity integer not null check (quantity > 0),
  primary key (order_id, number, sku),
  foreign key (order_id, number) references shipments (order_id, number)
);

-- What happens to shipments: told by the carrier, or done by the warehouse. Each is kept once, in the commit that answers for it, and
-- worked off until the shipment's workflow knows of it.
create table shipment_notices (
  -- The carrier's own id, or ours for what the warehouse has done.
  event_id    text primary key,
  event_type  text not null,
  parcel_id   text,
  -- As the parcel names it (`<order>:shipment:<number>`): only where to look.
  reference   text not null,
  received_at timestamptz not null default clock_timestamp(),
  -- Set while it is to be worked off.
  due_at      timestamptz,
  outcome     text check (outcome in ('told', 'followed', 'nothing_new', 'foreign')),
  check ((due_at is null) = (outcome is not null))
);
create index shipment_notices_due on shipment_notices (due_at) where due_at is not null;

-- What was sold and did not leave comes back when its order is cancelled; what was lost is sent once more out of the stock.
alter table reservations drop constraint reservations_state_check;
alter table reservations add constraint reservations_state_check
  check (state in ('held', 'released', 'sold', 'restocked'));
alter table stock_movements drop constraint if exists stock_movements_check1;
alter table stock_movements add constraint movements_of_orders_name_them check (
  (kind in ('held', 'released', 'sold') and order_id is not null) or (kind = 'opening' and order_id is null)
  or kind in ('adjusted', 'restocked')
);

-- A person may take a shipment as it is: nothing was done by hand elsewhere that could be named.
alter table resolution_audit
  drop constraint resolution_audit_check,
  add constraint resolution_audit_check check (
    action <> 'skip' or value is not null
    or step in ('follow-payment', 'deliver-shipment', 'follow-shipment', 'cancel-shipment')
  );
