-- Since when the step was parked that whoever decided had in front of them; null for a decision about whatever was parked.
alter table resolution_audit add column since timestamptz;
