-- What an order holds of a person can be taken out of it: its address, its metadata, and what people wrote. Money and stock stay as they are, and
-- so does what happened, when, and by which rule. Which column holds what, and what becomes of it: src/adapters/postgres/personal-data.ts.

alter table orders
  -- Since when nothing of a person stands in it. What came later is what was changed later (`updated_at`).
  add column erased_at timestamptz,
  add constraint only_closed_orders_are_erased check (erased_at is null or closed_at is not null);

-- What a retention period asks for: closed orders that still hold something, those first that nobody has touched for the longest.
create index orders_to_erase on orders (updated_at, id) where closed_at is not null and (erased_at is null or erased_at < updated_at);

-- The word that stands where words stood. Whatever is free text may be it.
create function erased_word() returns text language sql immutable parallel safe as $$ select 'erased' $$;

-- The fields, in what is told as JSON, that hold what a person wrote, or what leads to one. The same list as domain/erasure.ts; a test compares the two.
create function erased_fields() returns text[] language sql immutable parallel safe as $$
  select array['message', 'noRefund', 'paymentMethod', 'reason', 'trackingNumber', 'words']
$$;

-- The same, with the word in the place of every such text. Applied twice it changes nothing more.
create function without_words(told jsonb) returns jsonb language plpgsql immutable parallel safe as $$
begin
  case jsonb_typeof(told)
    when 'object' then
      return coalesce((
        select jsonb_object_agg(key, case
          when key = any(erased_fields()) and jsonb_typeof(value) = 'string' then to_jsonb(erased_word())
          else without_words(value) end)
        from jsonb_each(told)
      ), '{}');
    when 'array' then
      return coalesce((select jsonb_agg(without_words(item) order by place) from jsonb_array_elements(told) with ordinality as i (item, place)), '[]');
    else
      return told;
  end case;
end $$;

-- What an event says without the words. Why a bank disputes is one of the provider's own few words, and explains what the money did.
create function event_without_words(event_type text, data jsonb) returns jsonb language sql immutable parallel safe as $$
  select case when event_type in ('payment.disputed', 'payment.dispute_closed') then data else without_words(data) end
$$;

-- A recorded answer without the words; what can not be read as JSON was never one of ours.
create function answer_without_words(body text) returns text language plpgsql immutable parallel safe as $$
declare
  told jsonb;
begin
  told = body::jsonb;
  return case when without_words(told) = told then body else without_words(told)::text end;
exception when invalid_text_representation then
  return body;
end $$;

-- Whether a row of an order that was marked as erased changes in nothing but that words give way to the word.
create function only_erases(was jsonb, becomes jsonb, texts text[]) returns boolean language sql stable as $$
  select was - texts = becomes - texts
    and (
      select bool_and(becomes -> field = was -> field or (was ->> field is not null and becomes ->> field = erased_word()))
      from unnest(texts) as field
    )
    and exists (select 1 from orders where id = was ->> 'order_id' and erased_at is not null)
$$;

-- What is append-only stays so: the one thing more that it may see is exactly this.
create or replace function refuse_event_change() returns trigger language plpgsql as $$
begin
  if old.position is null and new.position is not null
     and to_jsonb(old) - 'position' = to_jsonb(new) - 'position' then
    return new;
  end if;
  if new.data = event_without_words(old.event_type, old.data) and to_jsonb(old) - 'data' = to_jsonb(new) - 'data'
     and exists (select 1 from orders where id = old.order_id and erased_at is not null) then
    return new;
  end if;
  raise exception 'events are append-only: update refused' using errcode = 'restrict_violation';
end $$;

create or replace function refuse_parking_change() returns trigger language plpgsql as $$
begin
  if old.closed_at is null and new.closed_at is not null and to_jsonb(old) - 'closed_at' = to_jsonb(new) - 'closed_at' then
    return new;
  end if;
  if old.closed_at is not null and only_erases(to_jsonb(old), to_jsonb(new), array['reason']) then
    return new;
  end if;
  raise exception 'a parking can only be closed, once: update refused' using errcode = 'restrict_violation';
end $$;

create function refuse_all_but_erasing() returns trigger language plpgsql as $$
begin
  if only_erases(to_jsonb(old), to_jsonb(new), tg_argv) then
    return new;
  end if;
  raise exception '% is append-only: update refused', tg_table_name using errcode = 'restrict_violation';
end $$;

drop trigger resolution_audit_append_only on resolution_audit;
create trigger resolution_audit_append_only before delete on resolution_audit for each row execute function refuse_change();
create trigger resolution_audit_keep before update on resolution_audit
  for each row execute function refuse_all_but_erasing('reason', 'detail');

drop trigger reviews_decided_once on reviews;
create trigger reviews_decided_once before update on reviews
  for each row when (old.state <> 'pending') execute function refuse_all_but_erasing('decision_reason');

-- Somebody has asked for a customer's orders to be erased. The customer's id is an opaque one, and what stays: it says whose orders, and has
-- to be known when a backup brings them back.
create table erasures (
  id            text primary key,
  tenant        text not null,
  customer_id   text not null,
  -- Orders placed before this, and no others: whoever comes back as a customer is one anew.
  placed_before timestamptz not null,
  requested_by  text not null,
  reason        text not null,
  requested_at  timestamptz not null,
  -- How far the customer's orders were gone through, in the order of their placing; `walked`: to the end.
  seen_at       timestamptz,
  seen_id       text,
  walked        boolean not null default false,
  -- How many rows of which table were changed so far.
  counts        jsonb not null default '{}',
  -- When somebody goes on with it; null once it is done.
  due_at        timestamptz default clock_timestamp(),
  finished_at   timestamptz,
  check ((due_at is null) = (finished_at is not null)),
  check ((seen_at is null) = (seen_id is null)),
  check (finished_at is null or walked)
);
create index erasures_due on erasures (due_at) where due_at is not null;
create index erasures_by_tenant on erasures (tenant, requested_at, id);

-- Of an erasure, the orders that still need what they hold: when somebody looks at them again.
create table erasure_orders (
  erasure_id text not null references erasures (id),
  -- Without a reference: it would wait for whoever is at the order.
  order_id   text not null,
  tenant     text not null,
  look_at    timestamptz not null,
  primary key (erasure_id, order_id)
);
create index erasure_orders_due on erasure_orders (erasure_id, look_at);

-- That it was asked for, by whom and why, stands; only how far it has come changes, and not once it is done.
create function refuse_erasure_change() returns trigger language plpgsql as $$
declare
  progress text[] = array['seen_at', 'seen_id', 'walked', 'counts', 'due_at', 'finished_at'];
begin
  if old.finished_at is null and to_jsonb(old) - progress = to_jsonb(new) - progress then
    return new;
  end if;
  raise exception 'what was asked to be erased stands: update refused' using errcode = 'restrict_violation';
end $$;
create trigger erasures_keep before update on erasures for each row execute function refuse_erasure_change();
create trigger erasures_append_only before delete on erasures for each row execute function refuse_change();
create trigger erasures_no_truncate before truncate on erasures for each statement execute function refuse_change();

-- By which an order's words are found where nothing else leads from the order to them.
create index idempotency_keys_about_order on idempotency_keys (split_part(answer_location, '/', 3)) where answer_location like '/orders/%';
create index webhook_deliveries_with_reason on webhook_deliveries (order_id) where reason is not null;
create index parked_steps_by_order on parked_steps (order_id);
create index resolution_orders_with_detail on resolution_orders (order_id) where detail is not null;

-- What is only kept to be looked at, by its age.
create index step_attempts_by_age on step_attempts (at);
create index payment_notices_done on payment_notices (received_at) where due_at is null;
create index shipment_notices_done on shipment_notices (received_at) where due_at is null;
