-- Orders that a person looks at before they are charged. Decided under the lock of the order's row, once.
create table reviews (
  order_id        text primary key references orders (id),
  tenant          text not null,
  state           text not null default 'pending'
                  check (state in ('pending', 'approved', 'rejected', 'expired', 'cancelled')),
  -- [{rule, message}]: why somebody has to look.
  reasons         jsonb not null check (jsonb_array_length(reasons) > 0),
  requested_at    timestamptz not null default clock_timestamp(),
  -- When a second group takes over; null: never.
  escalate_at     timestamptz,
  until           timestamptz not null,
  -- What becomes of the order when nobody decides in time.
  on_expiry       text not null check (on_expiry in ('approve', 'reject')),
  escalated_at    timestamptz,
  decided_at      timestamptz,
  decided_by      text,
  decision_reason text,
  check (escalate_at < until),
  check (escalated_at is null or escalate_at is not null),
  check ((state = 'pending') = (decided_at is null)),
  check ((state in ('approved', 'rejected')) = (decided_by is not null and decision_reason is not null))
);

-- What was decided stands.
create trigger reviews_decided_once before update on reviews
  for each row when (old.state <> 'pending') execute function refuse_change();
create trigger reviews_keep before delete on reviews for each row execute function refuse_change();

-- The list of those who wait: an order that waits for nobody is not in it.
create index orders_waiting on orders (tenant, (waiting ->> 'for'), placed_at desc, id desc) where waiting is not null;

-- Two groups of reviewers; operators belong to the first.
alter table api_keys drop constraint api_keys_scopes_check;
alter table api_keys add constraint api_keys_scopes_check check (
  cardinality(scopes) > 0 and scopes <@ array['orders:read', 'orders:write', 'orders:cancel', 'orders:review',
                                              'orders:review:escalated', 'operate', 'admin']
);

-- What a recovery found to have been charged, or sold, had been looked at by whoever had to.
alter table recovered_orders add column was_reviewed boolean not null default false;
