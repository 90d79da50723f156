-- A shop has several warehouses, and says from which it prefers to ship.
create table warehouses (
  tenant     text not null,
  id         text not null,
  name       text not null,
  -- The lower the earlier it is chosen.
  priority   integer not null check (priority between 1 and 1000),
  -- Nothing more is taken from one that does not; what it holds for orders, it holds.
  ships      boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant, id)
);

insert into warehouses (tenant, id, name, priority) select distinct tenant, warehouse, warehouse, 100 from stock;

alter table stock add foreign key (tenant, warehouse) references warehouses (tenant, id);
-- A cart looks its products up in every warehouse.
create index stock_by_sku on stock (tenant, sku, warehouse);
