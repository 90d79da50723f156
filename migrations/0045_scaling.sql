-- What made a question cost more because more orders were placed; see docs/scaling.md.

-- What all movements of a product up to one of them have come to. An order moves its stock under the lock of the row of stock, so that ids
-- follow commits there: whoever sees one movement of a product sees all below it.
create table stock_sums (
  tenant    text not null,
  warehouse text not null,
  sku       text not null,
  upto_id   bigint not null check (upto_id > 0),
  moved     bigint not null,
  primary key (tenant, warehouse, sku),
  foreign key (tenant, warehouse, sku) references stock (tenant, warehouse, sku)
);

-- A sum is what it was and the movements since, none left out; so those that it has counted are not needed for it any more.
create function refuse_wrong_sum() returns trigger language plpgsql as $$
declare
  before bigint = case when tg_op = 'UPDATE' then old.upto_id else 0 end;
  had    bigint = case when tg_op = 'UPDATE' then old.moved else 0 end;
begin
  if new.upto_id > before and (tg_op = 'INSERT' or (old.tenant, old.warehouse, old.sku) = (new.tenant, new.warehouse, new.sku))
     and new.moved = had + (
       select coalesce(sum(on_hand_delta), 0) from stock_movements
       where tenant = new.tenant and warehouse = new.warehouse and sku = new.sku and id > before and id <= new.upto_id) then
    return new;
  end if;
  raise exception 'a sum of stock movements only grows by what has moved: % refused', lower(tg_op) using errcode = 'restrict_violation';
end $$;
create trigger stock_sums_are_right before insert or update on stock_sums for each row execute function refuse_wrong_sum();
create trigger stock_sums_stay before delete on stock_sums for each row execute function refuse_change();
create trigger stock_sums_no_truncate before truncate on stock_sums for each statement execute function refuse_change();

-- What a closed order held, freed and sold may be archived once it is in the sum: its reservations say the same. What came back to a shelf,
-- and what people changed, stays.
create function refuse_all_but_archiving() returns trigger language plpgsql as $$
begin
  if old.kind in ('held', 'released', 'sold')
     and exists (select 1 from stock_sums s where (s.tenant, s.warehouse, s.sku) = (old.tenant, old.warehouse, old.sku) and s.upto_id >= old.id)
     and exists (select 1 from orders where id = old.order_id and closed_at is not null) then
    return old;
  end if;
  raise exception '% is append-only: delete refused', tg_table_name using errcode = 'restrict_violation';
end $$;
drop trigger stock_movements_append_only on stock_movements;
create trigger stock_movements_append_only before update on stock_movements for each row execute function refuse_change();
create trigger stock_movements_archived before delete on stock_movements for each row execute function refuse_all_but_archiving();

-- Few of many, by which a page of them was looked for in all.
create index webhook_deliveries_skipped on webhook_deliveries (subscription_id, id) where state = 'skipped';
