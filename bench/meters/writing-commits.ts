// Which commits write to an order's tables. What the sequencer numbers is batches over all orders: not an order's cost.
const TABLES = [
  'orders',
  'order_lines',
  'payments',
  'ledger',
  'reservations',
  'stock',
  'stock_movements',
  'idempotency_keys',
];

/** SQL: from now on every transaction that writes to one of an order's tables leaves its number in `writing_commits`. */
export const noteWritingCommits = `
  create table writing_commits (xid xid8 primary key);
  create function note_commit() returns trigger language plpgsql as $$
  begin
    insert into writing_commits values (pg_current_xact_id()) on conflict do nothing;
    return null;
  end $$;
  create trigger note after insert on events for each row execute function note_commit();
  ${TABLES.map((table) => `create trigger note after insert or update or delete on ${table} for each row execute function note_commit();`).join('\n')}`;
