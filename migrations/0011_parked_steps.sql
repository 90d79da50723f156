-- Every parking of every workflow of an order. Several can be parked at once (the order's story, a payment that came late), and
-- none may hide or clear the other's mark: `orders.attention` only shows the oldest of those that are open.
create table parked_steps (
  id             bigint generated always as identity primary key,
  tenant         text not null,
  order_id       text not null references orders (id),
  workflow_id    text not null,
  -- Which parking of that workflow: its run, when that began, and a number that counts within it. An attempt to park that
  -- lands late is known by them, and changes nothing once the parking is closed or a newer one is known.
  run_id         text not null,
  run_started_at timestamptz not null,
  number         integer not null check (number >= 0),
  step           text not null,
  reason         text not null,
  since          timestamptz not null default clock_timestamp(),
  closed_at      timestamptz,
  unique (workflow_id, run_id, number)
);
-- A workflow is at one step at a time.
create unique index parked_steps_one_open on parked_steps (workflow_id) where closed_at is null;
create index parked_steps_of_order on parked_steps (order_id, since, id) where closed_at is null;
create index parked_steps_open on parked_steps (tenant, since, id) where closed_at is null;

-- The only change a parking may see is that it is closed, once and for good.
create function refuse_parking_change() returns trigger language plpgsql as $$
begin
  if old.closed_at is null and new.closed_at is not null and to_jsonb(old) - 'closed_at' = to_jsonb(new) - 'closed_at' then
    return new;
  end if;
  raise exception 'a parking can only be closed, once: update refused' using errcode = 'restrict_violation';
end $$;
create trigger parked_steps_keep before update on parked_steps for each row execute function refuse_parking_change();
create trigger parked_steps_append_only before delete on parked_steps for each row execute function refuse_change();
create trigger parked_steps_no_truncate before truncate on parked_steps
  for each statement execute function refuse_change();

-- What is parked now. Which run did it was not recorded: whatever run the workflow has is newer, and takes over.
insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, since)
select tenant, id, coalesce(attention ->> 'workflowId', id), 'not recorded', '-infinity', 0, attention ->> 'step',
       attention ->> 'reason', (attention ->> 'since')::timestamptz
from orders where attention is not null;
update orders set attention = attention - 'workflowId' where attention ? 'workflowId';

comment on column orders.attention is
  'the oldest open row of parked_steps as {step, reason, since}; null when there is none';

-- Whose try it was: several workflows of an order can be at the same step.
alter table step_attempts add column workflow_id text;

-- Which parking was decided about; null for what was decided before parkings had rows.
alter table resolution_audit
  add column workflow_id    text,
  add column parked_step_id bigint references parked_steps (id),
  drop constraint resolution_audit_order_id_resolution_id_outcome_key,
  add unique (order_id, resolution_id, workflow_id, outcome),
  add unique (parked_step_id, outcome);

-- A decision about many is one about each parked step that matched; null for those that are over already.
alter table resolution_orders
  add column workflow_id    text,
  add column parked_step_id bigint references parked_steps (id);
update resolution_orders r set (workflow_id, parked_step_id) = (
  select p.workflow_id, p.id from parked_steps p where p.order_id = r.order_id and p.since = r.parked_since::timestamptz
);
update resolution_orders set workflow_id = order_id where workflow_id is null;
alter table resolution_orders
  alter column workflow_id set not null,
  drop constraint resolution_orders_pkey,
  add primary key (resolution_id, workflow_id),
  drop column parked_since;
drop index resolution_orders_left;
create index resolution_orders_left on resolution_orders (resolution_id, workflow_id) where outcome is null;
