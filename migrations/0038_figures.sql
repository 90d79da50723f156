-- What monitoring asks of rows.

-- The oldest order without a workflow, however often it was tried: each try moves `launch_after` behind that of younger orders.
drop index orders_unlaunched;
create index orders_unlaunched on orders (placed_at) where event_count = 1 and launch_after is not null;

-- How often the books are to be compared, as the worker that set up the schedule says: whether the last comparison is old depends on it.
create table reconciliation_schedule (
  only_row boolean primary key default true check (only_row),
  -- Null: only when somebody asks for it.
  every_ms bigint check (every_ms > 0),
  -- Since when it is so often.
  since    timestamptz not null default clock_timestamp()
);
