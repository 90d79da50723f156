-- Goods that come back: business after the sale, each with a workflow of its own, and the order that is placed in their place.

create table returns (
  order_id      text not null references orders (id),
  -- Counts within the order. It stands in the workflow's id, so it is never given twice.
  number        integer not null check (number > 0),
  tenant        text not null,
  status        text not null default 'requested'
                check (status in ('requested', 'approved', 'rejected', 'expired', 'received', 'completed')),
  -- What the customer wants for it: for whoever decides; nothing else depends on it.
  wish          text not null check (wish in ('refund', 'exchange')),
  reason        text not null,
  actor         text not null,
  -- {actor, reason}: who approved or rejected it, and who received it.
  decision      jsonb,
  decided_at    timestamptz,
  receipt       jsonb,
  received_at   timestamptz,
  -- The last refund that was asked for it.
  refund_number integer,
  -- {words, isFinal}: why nothing is given back for what was received; final: and nothing will be.
  no_refund     jsonb,
  -- Until when the answer, or the goods, are waited for; and when half of that was over and nobody had come.
  wait_until    timestamptz,
  delayed_at    timestamptz,
  -- Something was decided that its workflow has to hear of.
  has_news      boolean not null default false,
  -- When the launcher looks whether its workflow runs, and tells it the news; none once it is over and knows.
  launch_after  timestamptz default clock_timestamp(),
  requested_at  timestamptz not null default clock_timestamp(),
  closed_at     timestamptz,
  primary key (order_id, number),
  unique (order_id, refund_number),
  foreign key (order_id, refund_number) references refunds (order_id, number),
  check ((status in ('rejected', 'expired', 'completed')) = (closed_at is not null)),
  check (launch_after is not null or closed_at is not null),
  check ((status in ('received', 'completed')) = (received_at is not null)),
  -- What is over has its refund, or says why there is none.
  check (status <> 'completed' or refund_number is not null or no_refund is not null)
);
create index returns_to_launch on returns (launch_after) where launch_after is not null;

-- The same table of transitions as domain/return.ts; a test compares the two pair by pair.
create function refuse_illegal_return() returns trigger language plpgsql as $$
begin
  if not ((old.status = 'requested' and new.status in ('approved', 'rejected'))
       or (old.status = 'approved' and new.status in ('received', 'expired'))
       or (old.status = 'received' and new.status = 'completed')) then
    raise exception 'a return can not become % once it is %', new.status, old.status using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger returns_legal_transitions before update of status on returns
  for each row when (old.status is distinct from new.status) execute function refuse_illegal_return();

create table return_lines (
  order_id    text not null,
  number      integer not null,
  sku         text not null,
  -- As many as are to come; fewer may.
  quantity    integer not null check (quantity > 0),
  reason      text,
  restocked   integer not null default 0 check (restocked >= 0),
  written_off integer not null default 0 check (written_off >= 0),
  -- Where they were put back.
  warehouse   text,
  primary key (order_id, number, sku),
  foreign key (order_id, number) references returns (order_id, number),
  check (restocked + written_off <= quantity),
  check (restocked = 0 or warehouse is not null)
);

-- The order that is placed in the place of what comes back: one for each return, unless it came to nothing.
alter table orders
  add column exchange_of_order  text,
  add column exchange_of_return integer,
  add constraint exchanges_name_their_return check ((exchange_of_order is null) = (exchange_of_return is null)),
  add constraint orders_exchange_of_fkey foreign key (exchange_of_order, exchange_of_return) references returns (order_id, number);
create unique index orders_one_exchange on orders (exchange_of_order, exchange_of_return)
  where exchange_of_order is not null and status not in ('rejected', 'cancelled');

-- A person may take it as it is that nothing was given back for a return.
alter table resolution_audit
  drop constraint resolution_audit_check,
  add constraint resolution_audit_check check (
    action <> 'skip' or value is not null
    or step in ('follow-payment', 'deliver-shipment', 'follow-shipment', 'cancel-shipment', 'refund-return')
  );
