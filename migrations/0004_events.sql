-- What happened, in the words of the contract; written in the transaction that made it happen.

create table events (
  -- In insert order within an order (its row is locked meanwhile); not in commit order over orders: see `position`.
  id             bigint generated always as identity primary key,
  tenant         text not null,
  order_id       text not null references orders (id),
  sequence       integer not null check (sequence > 0),
  event_id       text not null unique,
  event_type     text not null,
  event_version  integer not null default 1,
  "timestamp"    timestamptz not null,
  source         text not null,
  data           jsonb not null,
  correlation_id text not null,
  causation_id   text,
  -- Given after the commit by one sequencer at a time, dense from 1; null until then. A number drawn at insert would
  -- appear behind the back of a reader when an earlier draw commits later.
  position       bigint unique,
  unique (order_id, sequence)
);
create index events_to_number on events (id) where position is null;
create index events_by_type on events (event_type, position);

-- The only change an event may see is that it gets its position, once.
create function refuse_event_change() returns trigger language plpgsql as $$
begin
  if old.position is null and new.position is not null
     and to_jsonb(old) - 'position' = to_jsonb(new) - 'position' then
    return new;
  end if;
  raise exception 'events are append-only: update refused' using errcode = 'restrict_violation';
end $$;
create trigger events_keep before update on events for each row execute function refuse_event_change();
create trigger events_append_only before delete on events for each row execute function refuse_change();
create trigger events_no_truncate before truncate on events for each statement execute function refuse_change();
