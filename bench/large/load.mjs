// Multiplies the rows of a few real orders: set-based SQL, in which the names of an order (ids, keys) and its instants are
// computed and everything else stands as it was recorded.
import pg from 'pg';
import { CUSTOMER, tablesOf } from './templates.mjs';

const SLOTS = 1_000;
const PIECE = 20_000;
const CUSTOMERS = 200_000;
const YEAR = "interval '365 days'";

/** What names an order, its events, or something of it at a partner; the methods and secrets of tests are the same for all. */
const NAME =
  /\b(?:order|event)_[0-9a-hjkmnp-tv-z]{26}\b|\b(?!pm_card)(?:pi|re|ch|du|dp|txn|evt|cs|pm|cus|parcel|shp|prc)_[A-Za-z0-9]{6,}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const quote = (text) => `'${text.replaceAll("'", "''")}'`;

/** Loads `count` orders (a multiple of 1,000) into a migrated database that holds none. Progress goes to stderr. */
export async function load({ url, templates, count }) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // What the database checks row by row was checked when the rows were made, and is checked again of the load by sample.
    await client.query(`set session_replication_role = replica; set synchronous_commit = off; set work_mem = '64MB'`);
    // The orders that were multiplied are not among them.
    const left = [...new Set(['stock_movements', ...templates.flatMap(({ rows }) => Object.keys(rows))])];
    await client.query(`truncate ${left.join(', ')} cascade`);
    const tables = await tablesOf(client);
    const statements = statementsOf(templates, tables, count);
    const begun = Date.now();
    for (let from = 0; from < count; from += PIECE) {
      const upto = Math.min(from + PIECE, count);
      await client.query('begin');
      for (const statement of statements)
        await client.query(statement.replaceAll(':from', from / SLOTS).replaceAll(':upto', upto / SLOTS - 1));
      await client.query('commit');
      if ((from / PIECE) % 5 === 4)
        process.stderr.write(`  ${upto} orders, ${Math.round((Date.now() - begun) / 1_000)} s\n`);
    }
    await client.query(`
      update stock s set on_hand = 1000000000 + h.units, reserved = h.units from (
        select tenant, warehouse, sku, sum(quantity) as units from reservations where state = 'held' group by 1, 2, 3) h
      where (s.tenant, s.warehouse, s.sku) = (h.tenant, h.warehouse, h.sku)`);
    await client.query(`update stock set on_hand = greatest(on_hand, 1000000000)`);
    await client.query(`update webhook_feeds set fed_to = (select coalesce(max(position), 0) from events)`);
    await client.query(`update tally_cursor set counted_to = (select coalesce(max(position), 0) from events)`);
  } finally {
    await client.end();
  }
}

function statementsOf(templates, tables, count) {
  const slots = slotsOf(templates);
  const perRound = slots.reduce((sum, { events }) => sum + events, 0);
  const statements = [];
  // Table by table, so that what belongs together in a table lies together in it.
  for (const { table, types } of tables) {
    for (const template of templates) {
      const mine = slots.filter(({ kind }) => kind === template.kind);
      const source = `
        from generate_series(:from, :upto) g
        cross join (values ${mine.map(({ slot, before }) => `(${slot}, ${before})`).join(', ')}) v (slot, before)
        cross join lateral (select g * ${SLOTS} + v.slot as n, g * ${perRound}::bigint + v.before as p) x
        cross join lateral (select now() - (${count} - x.n) * (${YEAR} / ${count}) as t) y`;
      const shift = shiftOf(template);
      for (const row of template.rows[table] ?? [])
        statements.push(insertOf({ table, types, row, template, source, shift }));
    }
  }
  return statements;
}

/** The kinds spread over a thousand places, and how many events there are before each. */
function slotsOf(templates) {
  const order = templates.flatMap(({ kind, of1000 }) => Array(of1000).fill(kind));
  if (order.length !== SLOTS) throw new Error(`Expected ${SLOTS} slots; found ${order.length}`);
  // 389 and 1000 have no divisor in common: neighbours are of any kind.
  const spread = order.map((_kind, index) => order[(index * 389) % SLOTS]);
  const events = Object.fromEntries(templates.map(({ kind, rows }) => [kind, rows.events.length]));
  let before = 0;
  return spread.map((kind, slot) => {
    const found = { slot, kind, before, events: events[kind] };
    before += events[kind];
    return found;
  });
}

const shiftOf = ({ rows }) => {
  const placed = Date.parse(rows.orders[0].placed_at);
  return (instant) => `y.t + interval '${((Date.parse(instant) - placed) / 1_000).toFixed(3)} seconds'`;
};

function insertOf({ table, types, row, template, source, shift }) {
  const names = [...new Set(JSON.stringify(template.rows).match(NAME))].filter((name) => !name.startsWith('whsub'));
  const key = template.rows.idempotency_keys.map((of) => of.key);
  const columns = Object.keys(row);
  const values = columns.map((column) => {
    const value = row[column];
    const type = types[column];
    if (value === null) return 'null';
    if (table === 'events' && column === 'position') return `x.p + ${row.sequence}`;
    if (type === 'timestamptz') return value === '-infinity' ? `'-infinity'` : shift(value);
    return `${textOf(value, names, key)}::${type}`;
  });
  return `insert into ${table} (${columns.map((column) => `"${column}"`).join(', ')}) select ${values.join(', ')} ${source} order by x.n`;
}

/** The text with each name in it computed for order `n`. */
function textOf(value, names, keys) {
  const isName = new RegExp([...names, ...keys, CUSTOMER].sort((a, b) => b.length - a.length).join('|'), 'g');
  const parts = [];
  let end = 0;
  for (const match of value.matchAll(isName)) {
    if (match.index > end) parts.push(quote(value.slice(end, match.index)));
    parts.push(nameOf(match[0], [...names, ...keys].indexOf(match[0])));
    end = match.index + match[0].length;
  }
  if (end < value.length || parts.length === 0) parts.push(quote(value.slice(end)));
  return `(${parts.join(' || ')})`;
}

/** Ids of ours follow the time, as UUIDv7 do, and so do Stripe's; the rest is as random as it is in life. */
function nameOf(name, index) {
  if (name === CUSTOMER) return `'customer-' || (hashint4(x.n::int) & 2147483647) % ${CUSTOMERS}`;
  const digest = `md5(x.n::text || '-${index}')`;
  if (/^[0-9a-f]{8}-/.test(name)) return `${digest}::uuid::text`;
  const prefix = name.slice(0, name.indexOf('_') + 1);
  const rest = name.length - prefix.length;
  if (rest < 12) throw new Error(`Expected a name long enough to number; found ${name}`);
  const digits = 10 > rest - 4 ? 8 : 10;
  return `'${prefix}' || lpad(x.n::text, ${digits}, '0') || substr(${digest} || ${digest}, 1, ${rest - digits})`;
}
