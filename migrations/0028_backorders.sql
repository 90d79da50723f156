-- Orders that do not insist on all of their stock at once: what is there is held, the rest waits for stock, first come first served.
alter table orders
  -- `split`: what is there ships at once; `wait`: all of it together, once all of it is there.
  add column on_shortage text not null default 'reject' check (on_shortage in ('reject', 'split', 'wait')),
  add constraint only_what_ships_waits_for_stock check (ships or on_shortage = 'reject');

create table backorders (
  order_id        text not null references orders (id),
  tenant          text not null,
  sku             text not null,
  -- First come first served. Given while the product's stock is locked, so that it follows the commits.
  position        bigint generated always as identity,
  -- How many units were not there, and how many of them have come since.
  quantity        integer not null check (quantity > 0),
  filled          integer not null default 0 check (filled between 0 and quantity),
  -- `expired`: nobody waits for the rest any more, its money goes back; `cancelled`: its order ended.
  state           text not null default 'waiting' check (state in ('waiting', 'filled', 'expired', 'cancelled')),
  -- Set once it is sold: until when is waited; that half of the time is over was told at `delayed_at`.
  until           timestamptz,
  delayed_at      timestamptz,
  -- Set by the commit that fills it after the sale, until the order's workflow has taken what came into account; when to tell it again.
  news_at         timestamptz,
  created_at      timestamptz not null default clock_timestamp(),
  first_filled_at timestamptz,
  ended_at        timestamptz,
  primary key (order_id, sku),
  check ((state = 'filled') = (filled = quantity)),
  check ((state = 'waiting') = (ended_at is null)),
  check ((filled = 0) = (first_filled_at is null))
);
create index backorders_waiting on backorders (tenant, sku, position) include (quantity, filled) where state = 'waiting';
create index backorders_news on backorders (news_at) where news_at is not null;

-- Products of which stock may be there for somebody who waits: left by whoever commits that, taken by whoever fills backorders.
create table stock_marks (
  tenant  text not null,
  sku     text not null,
  -- Raised whenever it is left again: it is only taken away as it was found.
  version bigint not null default 1,
  -- When somebody looks, by moving it into the future.
  due_at  timestamptz not null,
  primary key (tenant, sku)
);
create index stock_marks_due on stock_marks (due_at);
