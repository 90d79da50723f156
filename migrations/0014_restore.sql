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

-- A recovery and what it found out when it began: a repeat, after a kill, must look at the same span.
create table recoveries (
  id          integer generated always as identity primary key,
  begun_at    timestamptz not null default clock_timestamp(),
  -- The last thing that this database knew by itself.
  known_until timestamptz not null,
  -- Positions between the two were given before, by the database that is lost, or by nobody: the feed goes on behind `feed_to`.
  feed_from   bigint,
  feed_to     bigint,
  -- The epoch that it has begun.
  epoch       integer unique check (epoch > 1),
  finished_at timestamptz,
  check ((finished_at is null) = (epoch is null) and (finished_at is null) = (feed_from is null)),
  check ((finished_at is null) = (feed_to is null) and feed_to > feed_from)
);
create unique index one_recovery_at_a_time on recoveries ((true)) where finished_at is null;

-- What a recovery did with each order. `lost`: Temporal has it, but not what its row is made of (tenant unknown).
create table recovered_orders (
  recovery_id integer not null references recoveries (id),
  order_id    text not null,
  tenant      text,
  how         text not null check (how in ('rebuilt', 'restarted', 'lost')),
  -- Why a person has to look; null when the order goes on by itself.
  doubt       text,
  -- All that the provider has of it: looked at once more when the order has ended.
  payment_ids text[] not null default '{}',
  at          timestamptz not null default clock_timestamp(),
  primary key (recovery_id, order_id),
  check (how <> 'lost' or doubt is not null)
);

-- Why an order that was recovered must not go on before an operator has decided; that decision takes it away.
alter table orders add column doubt text;
-- The last recovery that the order went through. What it had been promised is not taken back because stock was rewound.
alter table orders add column recovery_id integer references recoveries (id);

-- The launcher gives a workflow what its row could be rebuilt from, and the client's key is a part of that.
create index idempotency_keys_by_order on idempotency_keys (order_id) where order_id is not null;
