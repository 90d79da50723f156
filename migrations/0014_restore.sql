-- A database that was restored from a backup is behind what Temporal and the provider know. One row says which life of the
-- database this is, and whether it is known to be behind: every process asks it, so that all of them agree.
create table database_epoch (
  only_row     boolean primary key default true check (only_row),
  -- Raised by every recovery. Workflows say in their memo which epoch they were started in: those of an earlier one have
  -- been dealt with, and one of a later one can only have been started by a database that is lost.
  epoch        integer not null default 1 check (epoch > 0),
  behind_since timestamptz,
  -- What Temporal knows and this database does not, in sentences.
  evidence     text,
  check ((behind_since is null) = (evidence is null))
);
insert into database_epoch default values;

-- A recovery and what it found out when it began: a repeat, after a kill, must look at the same span. `epoch`: the one it begins.
create table recoveries (
  epoch       integer primary key check (epoch > 1),
  begun_at    timestamptz not null default clock_timestamp(),
  -- The last thing that this database knew by itself.
  known_until timestamptz not null,
  -- Positions between the two were given before, by the database that is lost, or by nobody: the feed goes on behind `feed_to`.
  feed_from   bigint,
  feed_to     bigint,
  finished_at timestamptz,
  check ((feed_from is null) = (feed_to is null) and (finished_at is null or feed_to > feed_from))
);

-- What a recovery did with each order. `lost`: Temporal has it, but not what its row is made of (tenant unknown).
create table recovered_orders (
  epoch    integer not null references recoveries (epoch),
  order_id text not null,
  tenant   text,
  how      text not null check (how in ('rebuilt', 'restarted', 'lost')),
  -- Why a person has to look; null when the order goes on by itself.
  doubt    text,
  at       timestamptz not null default clock_timestamp(),
  primary key (epoch, order_id),
  check (how <> 'lost' or doubt is not null)
);

-- Why an order that was recovered must not go on before an operator has decided; that decision takes it away.
alter table orders add column doubt text;
-- The last recovery that the order went through. What it had been promised is not taken back because stock was rewound.
alter table orders add column recovered_epoch integer;

-- The launcher gives a workflow what its row could be rebuilt from, and the client's key is a part of that.
create index idempotency_keys_by_order on idempotency_keys (order_id) where order_id is not null;
