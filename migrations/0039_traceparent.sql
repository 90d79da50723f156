-- What an order's workflow is started under, and whoever is told of its events: the trace of the request that placed it (W3C Trace
-- Context), whoever starts or tells it, and whenever. Null where there were no traces.
alter table orders add column traceparent text check (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
