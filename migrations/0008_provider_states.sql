-- What each worker process thinks of the payment provider: written when it changes and as a heartbeat, read by the api. A
-- row that was not seen for a while is of a process that is gone; it is ignored, and removed by the next heartbeat of others.
create table provider_states (
  worker       text not null,
  provider     text not null,
  state        text not null check (state in ('closed', 'half-open', 'open')),
  since        timestamptz not null,
  seen_at      timestamptz not null default clock_timestamp(),
  -- Failures in a row, and what the last one was.
  failures     integer not null check (failures >= 0),
  last_failure text,
  primary key (provider, worker)
);
create index provider_states_by_age on provider_states (seen_at);
