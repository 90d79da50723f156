import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { pageWithTable } from '../../src/adapters/postgres/personal-data-table.ts';
import { createEraser } from '../../src/background/erasure.ts';
import { ERASED, erasedFields, keptFields } from '../../src/domain/erasure.ts';
import { EventType } from '../../src/contracts/events.ts';
import { filesOf } from '../../src/events/published.ts';
import { eraseBody } from '../../src/api/schemas/erasure.ts';
import type { ErasureWork } from '../../src/ports/erasure.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { until } from '../support/until.ts';

type Schema = {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
} & Record<string, unknown>;
type Leaf = { field: string; type: string; schema: Schema };

/** Every text in every published version, by the name of the field that it is, or is a list of. */
const texts: Leaf[] = Object.entries(filesOf()).flatMap(([place, text]) =>
  leavesOf('', JSON.parse(text) as Schema, place),
);

function leavesOf(field: string, schema: Schema, type: string): Leaf[] {
  return [
    ...([schema.type].flat().includes('string') ? [{ field, type, schema }] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, of]) => leavesOf(name, of, type)),
    ...(schema.items ? leavesOf(field, schema.items, type) : []),
    ...(schema.anyOf ?? []).flatMap((one) => leavesOf(field, one, type)),
  ];
}

const bounds = ['enum', 'const', 'format', 'pattern', 'minLength', 'maxLength'];
const isOpen = ({ schema }: Leaf): boolean => !bounds.some((bound) => bound in schema);

describe('what events say', () => {
  test('is known field by field: what is a person’s, and why the rest is not', () => {
    expect(texts.length).toBeGreaterThan(500);
    const open = new Set(texts.filter(isOpen).map(({ field }) => field));
    const known = [...erasedFields, ...Object.keys(keptFields)];
    // A new field belongs into one of the two lists of src/domain/erasure.ts, and one that is erased into erased_fields() by a migration.
    expect([...open].filter((field) => !known.includes(field))).toEqual([]);
    expect(known.filter((field) => !open.has(field) && field !== 'words')).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });

  test('may be the word wherever words are erased, in every published version', () => {
    const words = texts.filter(({ field }) => (erasedFields as readonly string[]).includes(field));
    expect(words.length).toBeGreaterThan(20);
    expect(words.filter((leaf) => !isOpen(leaf)).map(({ field, type }) => `${field} of ${type}`)).toEqual([]);
    expect(ERASED).toMatch(/^[a-z]+$/);
  });
});

test('docs/privacy.md has the list of columns as it is (npm run privacy)', async () => {
  const page = await readFile(new URL('../../docs/privacy.md', import.meta.url), 'utf8');
  expect(page).toBe(pageWithTable(page));
});

test('the reason of an erasure holds no address of a person', () => {
  const body = { customerId: 'c-1', reason: 'case 4711' };
  expect(eraseBody.safeParse(body).success).toBe(true);
  for (const reason of ['', '  ', 'jane@example.com', 'x'.repeat(201)])
    expect(eraseBody.safeParse({ ...body, reason }).success).toBe(false);
  expect(eraseBody.safeParse({ ...body, customerId: 'jane@example.com' }).success).toBe(false);
});

describe('the loop that erases', () => {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const never = {
    personalData: undefined,
    rows: { step_attempts: undefined, payment_notices: undefined, shipment_notices: undefined },
  };
  const idle: ErasureWork = {
    advance: () => Promise.resolve(null),
    eraseAged: () => Promise.reject(new Error('not asked for')),
    prune: () => Promise.reject(new Error('not asked for')),
    readStanding: () => Promise.resolve({ open: 0, oldestSeconds: 0 }),
  };
  const read = (gauges: ReturnType<typeof createEraser>['gauges'], name: string) =>
    gauges.find((one) => one.name === name)?.read();

  test('keeps everything for ever unless a period is set', async () => {
    const eraser = createEraser({ work: idle, retention: never, logger });
    eraser.start();
    await until(() => Promise.resolve(read(eraser.gauges, 'erasures_open')?.length === 1), 'it has looked');
    await eraser.stop();
    await expect(eraser.probes['erasures']?.()).resolves.toBeUndefined();
  });

  test('goes on while there is more, takes away only what has a period, and says how much', async () => {
    const asked: string[] = [];
    let steps = 3;
    const work: ErasureWork = {
      advance: () =>
        Promise.resolve(steps-- > 0 ? { erasureId: 'e', orders: 2, failures: [], isFinished: steps === 0 } : null),
      readStanding: () => Promise.resolve({ open: Math.max(0, steps), oldestSeconds: 60 }),
      eraseAged: ({ olderThanMs, limit }) => (
        asked.push(`orders ${olderThanMs}`),
        Promise.resolve({ orders: asked.length < 3 ? limit : 1, failures: [] })
      ),
      prune: ({ table, olderThanMs }) => (asked.push(`${table} ${olderThanMs}`), Promise.resolve(3)),
    };
    const retention = { personalData: 7, rows: { ...never.rows, payment_notices: 8 } };
    const eraser = createEraser({ work, retention, logger });
    eraser.start();
    await until(() => Promise.resolve(steps <= 0 && asked.length === 4), 'it is done');
    await eraser.stop();
    expect(asked).toEqual(['payment_notices 8', 'orders 7', 'payment_notices 8', 'orders 7']);
    expect(read(eraser.gauges, 'erased_orders')).toEqual([
      { labels: { because: 'request' }, value: 6 },
      { labels: { because: 'retention' }, value: 21 },
    ]);
    expect(read(eraser.gauges, 'pruned_rows')).toContainEqual({ labels: { table: 'payment_notices' }, value: 6 });
  });

  test('an order that can not be erased keeps nothing else from going', async () => {
    let pruned = 0;
    const work: ErasureWork = {
      ...idle,
      eraseAged: () => Promise.reject(new Error('refused')),
      prune: () => Promise.resolve((pruned += 1) && 0),
    };
    const eraser = createEraser({
      work,
      retention: { personalData: 7, rows: { ...never.rows, payment_notices: 8 } },
      logger,
    });
    eraser.start();
    await until(() => Promise.resolve(pruned > 0), 'the inbox is pruned');
    await eraser.stop();
  });

  test('says that it fails, and shows no figure that it does not know', async () => {
    const eraser = createEraser({
      work: { ...idle, readStanding: () => Promise.reject(new Error('away')) },
      retention: never,
      logger,
    });
    eraser.start();
    await until(
      () =>
        eraser.probes['erasures']?.().then(
          () => false,
          () => true,
        ) ?? Promise.resolve(false),
      'it has failed',
    );
    await eraser.stop();
    expect(read(eraser.gauges, 'erasures_open')).toEqual([]);
  });
});

test('the type of its event is published', () => {
  expect(Object.keys(filesOf())).toContain(`${EventType.orderPersonalDataErased}/v1.json`);
});
