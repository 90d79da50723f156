-- What customers are told by mail. Whom an order's notices go to is personal data: it stands here and nowhere else, so that it can be taken
-- away without a trace. Nothing else of ours names it: no event, no answer, no history of a workflow.

create table order_contacts (
  order_id   text primary key references orders (id),
  tenant     text not null,
  email      text not null check (length(email) between 3 and 254),
  name       text check (length(name) between 1 and 100),
  locale     text check (length(locale) between 2 and 35),
  created_at timestamptz not null default clock_timestamp()
);

-- One row for each notice of an order. Without a reference to the order: that would wait for whoever holds the order's row, and have them wait.
create table customer_notices (
  order_id    text not null,
  -- What it is about, whatever event tells of it: `confirmed`, `shipped-1`.
  name        text not null check (length(name) between 1 and 60),
  tenant      text not null,
  kind        text not null,
  number      integer check (number >= 1),
  event_id    text not null,
  state       text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'refused', 'failed', 'skipped')),
  -- Counted up by whoever has it sent again: another mail, by another workflow.
  round       integer not null default 1 check (round >= 1),
  -- Tries of this round, and how many of them ended without anybody knowing whether the mail was taken.
  attempts    integer not null default 0 check (attempts >= 0),
  unknowns    integer not null default 0 check (unknowns >= 0),
  -- While it is sent: when that try is taken for lost.
  held_until  timestamptz,
  -- Why it is not sent, in our words: the code of the mail server, never what it said.
  failure     text check (length(failure) <= 200),
  attempted_at timestamptz,
  settled_at  timestamptz,
  -- When it is given up: who hears of it later wonders what it is about.
  expires_at  timestamptz not null,
  -- Since when it should have been sent.
  due_since   timestamptz not null,
  -- When to look whether its workflow runs; null: nobody has to.
  launch_after timestamptz,
  -- Who had it sent again, and why.
  decided_by  text,
  reason      text,
  created_at  timestamptz not null default clock_timestamp(),
  primary key (order_id, name),
  check ((state in ('waiting', 'sending')) = (settled_at is null)),
  check ((state in ('waiting', 'sending')) = (launch_after is not null)),
  check ((state = 'sending') = (held_until is not null))
);
create index customer_notices_to_launch on customer_notices (launch_after) where launch_after is not null;
create index customer_notices_open on customer_notices (due_since) where settled_at is null;

-- How far the feed of events was looked through for what customers are told of. No row: nobody ever was.
create table notice_feed (
  singleton  boolean primary key default true check (singleton),
  fed_to     bigint not null check (fed_to >= 0),
  begun_at   timestamptz not null default clock_timestamp()
);
