-- Disputes are compared with the provider's. They change long after they were made, so those of which more is to come are asked for
-- one by one, the longest unasked first.
alter table disputes
  -- More is to come: it is not decided, or it is won and its money is not back yet.
  add column unsettled boolean not null default true,
  -- When it was last beside the provider's, or else when we learned of it.
  add column compared_at timestamptz not null default clock_timestamp();

update disputes d
set compared_at = known_at,
    unsettled = state = 'open' or (state = 'won' and (select coalesce(sum(amount_minor), 0) < 0 from ledger l where l.dispute_id = d.dispute_id));

create index disputes_unsettled on disputes (compared_at, dispute_id) where unsettled;

alter table reconciliation_drifts
  drop constraint reconciliation_drifts_kind_check,
  add constraint reconciliation_drifts_kind_check
    check (kind in ('order', 'payment', 'refund', 'dispute', 'stock', 'notice', 'stranger'));
alter table reconciliation_copies
  drop constraint reconciliation_copies_kind_check,
  add constraint reconciliation_copies_kind_check check (kind in ('payment', 'refund', 'dispute'));
