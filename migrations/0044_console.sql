-- What a person who looks at one product asks for, found by index: who holds it, and what people changed of it.

create index reservations_held_of_product on reservations (tenant, sku, order_id, warehouse) where state = 'held';
create index stock_movements_by_hand on stock_movements (tenant, sku, id) where kind in ('opening', 'adjusted');
