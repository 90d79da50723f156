-- A key of an undo can be stuck as well: the provider has stored a failure for it. As with create and confirm the next revision
-- of the key is persisted before it is used.
alter table payments
  add column void_revision   integer not null default 1,
  add column refund_revision integer not null default 1;
