-- What is sold, and how much of it there is. The constraints back what the code relies on: whatever a process does
-- wrong, stock can not be oversold.

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
end $$;

create table products (
  tenant      text not null,
  sku         text not null,
  name        text not null,
  price_minor bigint not null check (price_minor >= 0),
  currency    text not null check (currency ~ '^[A-Z]{3}$'),
  created_at  timestamptz not null default clock_timestamp(),
  updated_at  timestamptz not null default clock_timestamp(),
  primary key (tenant, sku)
);

create table stock (
  tenant    text not null,
  warehouse text not null,
  sku       text not null,
  on_hand   bigint not null check (on_hand >= 0),
  reserved  bigint not null default 0,
  primary key (tenant, warehouse, sku),
  foreign key (tenant, sku) references products (tenant, sku),
  constraint never_oversold check (0 <= reserved and reserved <= on_hand)
)
-- Every order updates its rows twice: leave room so that the new versions stay on the same page.
with (fillfactor = 50);

-- Every change of stock, for ever. on_hand = sum(on_hand_delta) and reserved = sum(reserved_delta), always.
create table stock_movements (
  id             bigint generated always as identity primary key,
  tenant         text not null,
  warehouse      text not null,
  sku            text not null,
  kind           text not null check (kind in ('opening', 'adjusted', 'held', 'released', 'sold', 'restocked')),
  on_hand_delta  bigint not null,
  reserved_delta bigint not null,
  order_id       text,
  reason         text,
  at             timestamptz not null default clock_timestamp(),
  check (on_hand_delta <> 0 or reserved_delta <> 0),
  check ((kind in ('held', 'released', 'sold')) = (order_id is not null))
);
create index stock_movements_by_sku on stock_movements (tenant, warehouse, sku, id);

create trigger stock_movements_append_only before update or delete on stock_movements
  for each row execute function refuse_change();
create trigger stock_movements_no_truncate before truncate on stock_movements
  for each statement execute function refuse_change();
