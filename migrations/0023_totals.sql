-- What the total is made of beside the lines, frozen when the order is placed. The lines' own sum follows from them: it is the total
-- less shipping (and less the tax that comes on top), plus the discount.
alter table orders
  add column discount_minor bigint not null default 0 check (discount_minor >= 0),
  add column shipping_minor bigint not null default 0 check (shipping_minor >= 0),
  add column tax_minor      bigint not null default 0 check (tax_minor >= 0),
  -- The tax is a part of the prices; otherwise it comes on top of them.
  add column tax_included   boolean not null default true,
  add constraint lines_are_worth_something_or_nothing
    check (total_minor + discount_minor >= shipping_minor + case when tax_included then 0 else tax_minor end);
