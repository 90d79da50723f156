-- Whether the exchange of a publisher was there, or made, once. One that is gone afterwards is not made again: what is bound to it is gone as
-- well, and the feed would move on over events that reach nobody.

alter table event_publishers add column declared_at timestamptz;
