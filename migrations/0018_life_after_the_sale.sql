-- What is sold can still have to be shipped: the end of an order is no longer to be told by its status alone.

alter table orders
  -- Something is to be shipped: the order goes on after it is confirmed.
  add column ships boolean not null default false,
  -- Its own story is over: nothing of it will change by itself any more, and no workflow of its own name runs.
  add column closed_at timestamptz;

update orders set closed_at = updated_at, launch_after = null where status in ('confirmed', 'rejected', 'cancelled');

alter table orders
  drop constraint orders_status_check,
  drop constraint orders_check1,
  drop constraint open_orders_are_looked_after,
  add constraint orders_status_check
    check (status in ('placed', 'reserved', 'confirmed', 'shipped', 'delivered', 'rejected', 'cancelled')),
  -- What has nothing to ship is sold for good.
  add constraint sold_orders_have_no_ending
    check (status not in ('confirmed', 'shipped', 'delivered') or ending is null or (status = 'confirmed' and ships)),
  add constraint only_what_ships_is_shipped check (ships or status not in ('shipped', 'delivered')),
  add constraint open_orders_are_looked_after check ((launch_after is null) = (closed_at is not null)),
  add constraint undecided_orders_are_open check (closed_at is null or status not in ('placed', 'reserved')),
  add constraint ended_orders_are_closed check (closed_at is not null or status not in ('delivered', 'rejected', 'cancelled')),
  add constraint sold_without_shipping_is_closed check (closed_at is not null or status <> 'confirmed' or ships);

-- A worker from before this migration, which runs until it is replaced, closes an order by taking its mark alone.
create function close_what_has_no_mark() returns trigger language plpgsql as $$
begin
  new.closed_at = clock_timestamp();
  return new;
end $$;
create trigger orders_without_mark_are_closed before update of launch_after on orders
  for each row when (new.launch_after is null and old.launch_after is not null and new.closed_at is null)
  execute function close_what_has_no_mark();

comment on column orders.launch_after is
  'when the launcher looks whether the order has a running workflow; null once the order is closed';

-- The same table of transitions as domain/order.ts; a test compares the two pair by pair.
create or replace function refuse_illegal_transition() returns trigger language plpgsql as $$
begin
  if not ((old.status = 'placed' and new.status in ('reserved', 'rejected', 'cancelled'))
       or (old.status = 'reserved' and new.status in ('confirmed', 'rejected', 'cancelled'))
       or (old.status = 'confirmed' and new.ships and new.status in ('shipped', 'cancelled'))
       or (old.status = 'shipped' and new.status = 'delivered')) then
    raise exception 'an order can not become % once it is %', new.status, old.status using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
