-- A payment method that is saved with its order, to be charged again when the order is amended to more.

alter table orders
  add column save_payment_method boolean not null default false,
  -- The order's customer at the provider, to whom the method belongs there; made before the first payment.
  add column provider_customer   text,
  add constraint customers_are_for_saving check (provider_customer is null or save_payment_method);

alter table payments
  -- The revision of the key under which the order's customer is made.
  add column customer_revision    integer not null default 1,
  -- What the provider keeps of a payment that was made, by its own answer: whose it is, and which method can be charged again.
  add column saved_customer       text,
  add column saved_method         text,
  -- It is charged while its customer is absent, with a method saved for this customer at the provider.
  add column off_session_customer text,
  add constraint saved_as_a_whole check ((saved_customer is null) = (saved_method is null)),
  add constraint only_amendments_are_off_session check (off_session_customer is null or amendment is not null);
