-- An open order is looked after to its end: its mark is pushed away by every change, not taken, so that one whose workflow is
-- gone (terminated, lost with Temporal's store) is found and started again. Only a closed order has no mark.

comment on column orders.launch_after is
  'when the launcher looks whether the order has a running workflow; null once the order is closed';

update orders set launch_after = clock_timestamp()
where launch_after is null and status in ('placed', 'reserved');

alter table orders add constraint open_orders_are_looked_after
  check (launch_after is not null or status in ('confirmed', 'rejected', 'cancelled'));

-- Those that no workflow has touched yet: the backlog, counted at every turn of the launcher.
create index orders_unlaunched on orders (launch_after) where event_count = 1 and launch_after is not null;
