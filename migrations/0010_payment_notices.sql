-- What happens to payments without our doing: told by the provider, or by a customer who gives another card. Each is kept once,
-- in the commit that answers for it, and worked off until the order's workflow (or one of its own) knows of it.
create table payment_notices (
  -- The provider's event id, or ours for a customer's.
  event_id    text primary key,
  event_type  text not null,
  -- What it is about: a payment at the provider, and where it is about a refund, that.
  payment_id  text not null,
  refund_id   text,
  -- As the payment's metadata name it: checked with the provider before anything is believed.
  order_id    text,
  received_at timestamptz not null default clock_timestamp(),
  -- Set while it is to be worked off.
  due_at      timestamptz,
  outcome     text check (outcome in ('nothing_new', 'told', 'followed', 'foreign')),
  check ((due_at is null) = (outcome is not null))
);
create index payment_notices_due on payment_notices (due_at) where due_at is not null;

-- A payment for the order that is not one of its tries (made at the provider by somebody else, or left behind by an attempt
-- whose answer was lost): it is given back, and never counts for the order.
alter table payments add column stray boolean not null default false;

-- How long this order waits for another payment method after a decline; null: as configured.
alter table orders add column payment_retry_minutes integer check (payment_retry_minutes between 0 and 1380);
