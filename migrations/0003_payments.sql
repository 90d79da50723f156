-- Money: what was tried, and what moved.

create table payments (
  order_id         text not null references orders (id),
  -- Counts business tries (a second card), never attempts.
  ordinal          integer not null check (ordinal > 0),
  tenant           text not null,
  state            text not null default 'pending'
                   check (state in ('pending', 'authorized', 'captured', 'declined', 'voided', 'refunded')),
  amount_minor     bigint not null check (amount_minor >= 0),
  currency         text not null,
  payment_method   text not null,
  provider_id      text unique,
  -- The revision of the idempotency keys (`…:rN`), raised before it is used.
  create_revision  integer not null default 1,
  confirm_revision integer not null default 1,
  -- {code, message, declineCode}: the provider's no.
  rejection        jsonb,
  fenced_at        timestamptz,
  updated_at       timestamptz not null default clock_timestamp(),
  primary key (order_id, ordinal),
  check ((state = 'declined') <= (rejection is not null))
);

-- What moved, for ever. One row per object of the provider and kind, whoever learns of it first.
create table ledger (
  id              bigint generated always as identity primary key,
  tenant          text not null,
  order_id        text not null,
  ordinal         integer not null,
  kind            text not null check (kind in ('captured', 'refunded')),
  provider_object text not null,
  -- Positive when money came to us, negative when it went back.
  amount_minor    bigint not null,
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  at              timestamptz not null default clock_timestamp(),
  unique (provider_object, kind),
  check ((kind = 'captured' and amount_minor > 0) or (kind = 'refunded' and amount_minor < 0)),
  foreign key (order_id, ordinal) references payments (order_id, ordinal)
);
create index ledger_by_order on ledger (order_id);

create trigger ledger_append_only before update or delete on ledger
  for each row execute function refuse_change();
create trigger ledger_no_truncate before truncate on ledger
  for each statement execute function refuse_change();
