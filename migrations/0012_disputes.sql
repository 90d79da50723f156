-- Disputes (chargebacks): a bank takes the money of a payment back, and gives it again when the dispute is won.

-- What is known of each, by the provider's id. An inquiry is one that has moved no money.
create table disputes (
  dispute_id      text primary key,
  tenant          text not null,
  order_id        text not null,
  ordinal         integer not null,
  state           text not null check (state in ('open', 'won', 'lost')),
  reason          text not null,
  amount_minor    bigint not null check (amount_minor > 0),
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  -- Until when evidence is taken; null when there is no such day.
  evidence_due_at timestamptz,
  -- When we learned of it, and when of anything new about it.
  known_at        timestamptz not null default clock_timestamp(),
  updated_at      timestamptz not null default clock_timestamp(),
  foreign key (order_id, ordinal) references payments (order_id, ordinal)
);
create index disputes_by_order on disputes (order_id);

-- Every movement of money by a dispute is a row, by the provider's id of the movement, and says of which dispute it is.
alter table ledger
  add column dispute_id text references disputes (dispute_id),
  drop constraint ledger_kind_check,
  drop constraint ledger_check,
  add constraint ledger_kind_check check (kind in ('captured', 'refunded', 'disputed', 'reinstated')),
  add constraint ledger_sign_check check ((kind in ('captured', 'reinstated')) = (amount_minor > 0) and amount_minor <> 0),
  add constraint ledger_dispute_check check ((kind in ('disputed', 'reinstated')) = (dispute_id is not null));
create index ledger_by_dispute on ledger (dispute_id) where dispute_id is not null;

-- When a person last took the payment's money as it then stood. What has moved since has to be looked at anew.
alter table payments add column acknowledged_at timestamptz;

alter table payment_notices add column dispute_id text;

-- Somebody takes the money of a payment as it stands: there is nothing made by hand to name.
alter table resolution_audit
  drop constraint resolution_audit_check,
  add constraint resolution_audit_check check (action <> 'skip' or value is not null or step = 'follow-payment');
