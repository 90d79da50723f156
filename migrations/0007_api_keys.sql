-- Who may do what. A tenant is whatever the keys of it say: there is no table of tenants.

create table api_keys (
  id          text primary key,
  tenant      text not null check (tenant ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name        text not null check (char_length(name) between 1 and 64),
  -- The part of the key that may be shown and searched for; the secret is known to its holder alone.
  prefix      text not null unique check (prefix ~ '^[0-9a-f]{12}$'),
  secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
  scopes      text[] not null check (
    cardinality(scopes) > 0 and scopes <@ array['orders:read', 'orders:write', 'operate', 'admin']
  ),
  created_at  timestamptz not null default clock_timestamp(),
  revoked_at  timestamptz
);
create index api_keys_by_tenant on api_keys (tenant, created_at);

-- What a key may do is fixed when it is made, and the records of what it did point to it for ever: the only change it may
-- see is that it is revoked, once.
create function refuse_key_change() returns trigger language plpgsql as $$
begin
  if old.revoked_at is null and new.revoked_at is not null
     and to_jsonb(old) - 'revoked_at' = to_jsonb(new) - 'revoked_at' then
    return new;
  end if;
  raise exception 'a key can only be revoked, once: update refused' using errcode = 'restrict_violation';
end $$;
create trigger api_keys_keep before update on api_keys for each row execute function refuse_key_change();
create trigger api_keys_append_only before delete on api_keys for each row execute function refuse_change();
create trigger api_keys_no_truncate before truncate on api_keys for each statement execute function refuse_change();

-- Every row of the domain says whose it is; the lines of an order were the last that did not.
alter table order_lines add column tenant text;
update order_lines l set tenant = o.tenant from orders o where o.id = l.order_id;
alter table order_lines alter column tenant set not null;

-- A tenant with few events must not have to walk past everybody else's.
create index events_by_tenant on events (tenant, position);
create index events_by_tenant_and_type on events (tenant, event_type, position);
drop index events_by_type;
