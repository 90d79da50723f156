-- Customers and operators cancel orders: a scope that both include, and that can be given by itself.
alter table api_keys drop constraint api_keys_scopes_check;
alter table api_keys add constraint api_keys_scopes_check check (
  cardinality(scopes) > 0 and scopes <@ array['orders:read', 'orders:write', 'orders:cancel', 'operate', 'admin']
);
