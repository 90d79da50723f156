-- For which units the rest of an authorization was captured: of units that were never paid nothing is given back. Null: not on record.
alter table payment_captures
  add column units jsonb,
  add constraint only_a_rest_has_units_of_its_own check (units is null or is_rest);
