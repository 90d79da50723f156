// Mistakes that are planted into what events say, each of which would break who reads them: every one must be found before it is published.
import { afterEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { EventEnvelope } from '../../src/contracts/events.ts';
import { event, type EventDefinition } from '../../src/events/definition.ts';
import { flawsOf } from '../../src/events/flaws.ts';
import { comparePublished, filesOf, type Files } from '../../src/events/published.ts';
import { registry } from '../../src/events/registry.ts';
import { upcast } from '../../src/events/upcast.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'schemas', 'events');

async function readPublished(): Promise<Files> {
  const files: Record<string, string> = {};
  for (const name of await readdir(folder, { recursive: true }))
    if (name.endsWith('.json')) files[name] = await readFile(join(folder, name), 'utf8');
  return files;
}

const before = z.strictObject({
  number: z.int().min(1).describe('Which'),
  actor: z.string(),
  how: z.enum(['sent', 'brought']),
  until: z.iso.datetime().nullable(),
  note: z.string().optional(),
  items: z.array(z.strictObject({ sku: z.string(), quantity: z.int() })),
});
const published = filesOf({ sent: event('It was sent.', before), other: event('Another.', z.strictObject({})) });

const compare = (
  data: z.ZodObject,
  others: Record<string, EventDefinition> = { other: event('Another.', z.strictObject({})) },
) => comparePublished(published, { sent: event('It was sent.', data), ...others });

describe('a published version', () => {
  test('is in the repository as the code says it, of every type', async () => {
    const { breakages, changed, files } = comparePublished(await readPublished());
    expect({ breakages, changed }).toEqual({ breakages: [], changed: [] });
    expect(Object.keys(files)).toHaveLength(Object.keys(registry).length);
  });

  test('may be described better, and get a field that is not always there', () => {
    const described = before.extend({ number: z.int().min(1).describe('Which of the order’s') });
    const { breakages, changed } = compare(described.extend({ colour: z.string().optional() }));
    expect(breakages).toEqual([]);
    expect(changed).toEqual(['sent/v1.json']);
  });

  const item = before.shape.items.element;
  test.each<[string, z.ZodObject, string]>([
    ['a field that is left out', before.omit({ actor: true }), 'data.actor: was there, and is not any more'],
    [
      'a field that was not always there, left out',
      before.omit({ note: true }),
      'data.note: was there, and is not any more',
    ],
    [
      'a field of another name',
      before.omit({ actor: true }).extend({ who: z.string() }),
      'data.actor: was there, and is not any more',
    ],
    ['another type', before.extend({ number: z.string() }), 'data.number: type was "integer", is "string"'],
    ['a wider type', before.extend({ number: z.number().min(1) }), 'data.number: type was "integer", is "number"'],
    [
      'null where there was none',
      before.extend({ actor: z.string().nullable() }),
      'data.actor: type was "string", is ["string","null"]',
    ],
    ['no null where there could be', before.extend({ until: z.iso.datetime() }), 'data.until: anyOf was'],
    ['one value less', before.extend({ how: z.enum(['sent']) }), 'data.how: enum was ["sent","brought"], is ["sent"]'],
    ['one value more', before.extend({ how: z.enum(['sent', 'brought', 'lost']) }), 'data.how: enum was'],
    ['a higher bound', before.extend({ number: z.int().min(2) }), 'data.number: minimum was 1, is 2'],
    ['no form of a text any more', before.extend({ until: z.string().nullable() }), 'data.until: anyOf was'],
    [
      'what was always there made optional',
      before.extend({ actor: z.string().optional() }),
      'data.actor: was always there, and need not be any more',
    ],
    [
      'what was optional made required',
      before.extend({ note: z.string() }),
      'data.note: was not always there, and must be now',
    ],
    ['a new field that is required', before.extend({ colour: z.string() }), 'data.colour: is new, and required'],
    [
      'a field left out deep within',
      before.extend({ items: z.array(item.omit({ quantity: true })) }),
      'data.items[].quantity: was there, and is not any more',
    ],
  ])('must not get %s', (_name, data, breakage) => {
    const { breakages } = compare(data);
    expect(breakages).toContainEqual(expect.stringContaining(`sent/v1.json: ${breakage}`));
  });

  test('must not go, nor its type', () => {
    expect(compare(before, {}).breakages).toEqual([expect.stringContaining('other/v1.json: was published')]);
    const renamed = { others: event('Another.', z.strictObject({})) };
    expect(compare(before, renamed).breakages).toEqual([expect.stringContaining('other/v1.json: was published')]);
  });

  test('stays beside the next one', () => {
    const later: EventDefinition = {
      about: 'It was sent.',
      versions: [{ data: before }, { data: before.omit({ actor: true }), upcast: ({ actor: _, ...data }) => data }],
    };
    const { breakages, changed } = comparePublished(published, {
      sent: later,
      other: event('Another.', z.strictObject({})),
    });
    expect({ breakages, changed }).toEqual({ breakages: [], changed: ['sent/v2.json'] });
  });
});

describe('npm run schemas', () => {
  let place = '';
  afterEach(() => rm(place, { recursive: true, force: true }));

  const run = (...args: string[]) => {
    const main = join(root, 'dist', 'events', 'schemas-main.js');
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: place, encoding: 'utf8' });
    return { status, stderr };
  };
  const file = (): string => join(place, 'schemas', 'events', 'order.placed', 'v1.json');
  const edit = async (from: string, to: string): Promise<string> => {
    const text = (await readFile(file(), 'utf8')).replace(from, to);
    await writeFile(file(), text);
    return text;
  };

  test('refuses what breaks, also to write it; says what is not as the code is, and brings that up to date', async () => {
    place = await mkdtemp(join(tmpdir(), 'schemas-'));
    await cp(join(root, 'schemas'), join(place, 'schemas'), { recursive: true });
    await cp(join(root, 'docs', 'events.md'), join(place, 'docs', 'events.md'), { recursive: true });
    expect(run('--check')).toEqual({ status: 0, stderr: '' });

    // As if it had once been published with a field that the code does not have.
    const broken = await edit('"customerId": {', '"colour": { "type": "string" }, "customerId": {');
    expect(run('--check').status).toBe(1);
    expect(run()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('data.colour: was there, and is not any more'),
    });
    expect(await readFile(file(), 'utf8')).toBe(broken);

    await edit('"colour": { "type": "string" }, ', '');
    await edit('An order was accepted.', 'As it was told before.');
    expect(run('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('npm run schemas') });
    expect(run()).toEqual({ status: 0, stderr: '' });
    expect(await readFile(file(), 'utf8')).toBe(await readFile(join(folder, 'order.placed', 'v1.json'), 'utf8'));
  });
});

describe('reading', () => {
  const definitions: Record<string, EventDefinition> = {
    'order.placed': {
      about: 'Versions for this test alone.',
      versions: [
        { data: z.strictObject({ name: z.string() }) },
        {
          data: z.strictObject({ names: z.array(z.string()) }),
          upcast: ({ name }) => {
            if (typeof name !== 'string') throw new Error('Expected a name');
            return { names: [name] };
          },
        },
        {
          data: z.strictObject({ names: z.array(z.string()), count: z.int() }),
          upcast: (data) => ({ ...data, count: 1 }),
        },
      ],
    },
  };
  const told = (eventVersion: number, data: EventEnvelope['data']): EventEnvelope => ({
    ...{ eventId: 'event_1', eventType: 'order.placed', eventVersion, timestamp: '2026-01-31T12:00:00.000Z' },
    ...{ source: 'test', orderId: 'order_1', sequence: 1, position: null, data },
    metadata: { correlationId: 'c', causationId: null },
  });

  test.each([
    [1, { name: 'anna' }],
    [2, { names: ['anna'] }],
    [3, { names: ['anna'], count: 1 }],
  ])('yields the newest version of what was written as version %i', (version, data) => {
    const event = told(version, data);
    const read = upcast(event, definitions);
    expect(read).toEqual({ ...event, eventVersion: 3, data: { names: ['anna'], count: 1 } });
    expect(flawsOf(read, definitions)).toEqual([]);
    // What was written stays as it is.
    expect(event).toEqual(told(version, data));
  });

  test('never fails: what cannot be brought there, and what a newer process wrote, is told as it was written', () => {
    for (const event of [told(1, { name: 7 }), told(4, { later: true })])
      expect(upcast(event, definitions)).toEqual(event);
    const unknown = { ...told(1, {}), eventType: 'order.sung' as EventEnvelope['eventType'] };
    expect(upcast(unknown, definitions)).toEqual(unknown);
  });
});
