-- A shipment that can never go: an operator takes it out of the order, its units go back to the shelf, and their money to the customer.
alter table shipments
  -- It does not go any more; until `given_back_at` its label may still be valid, and nothing of it is given back.
  add column withdrawn_at  timestamptz,
  add column given_back_at timestamptz,
  add constraint only_what_is_cancelled_is_withdrawn check (withdrawn_at is null or status = 'cancelled'),
  add constraint only_what_is_withdrawn_is_given_back check (given_back_at is null or withdrawn_at is not null);

-- A person may have a shipment not go at all, or take it as it is that nothing is given back for units that do not come.
alter table resolution_audit
  drop constraint resolution_audit_check,
  add constraint resolution_audit_check check (
    action <> 'skip' or value is not null
    or step in (
      'follow-payment', 'pack-shipment', 'create-shipment', 'dispatch-shipment', 'deliver-shipment', 'follow-shipment',
      'cancel-shipment', 'refund-missing', 'refund-return'
    )
  );

-- How often its workflow was told of what came without taking it into account: it is told less and less often.
alter table backorders add column news_tries integer not null default 0;
