import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { carrierSuite } from '../../src/conformance/carrier/suite.ts';
import { Broken, NotTested, type Check } from '../../src/conformance/check.ts';
import { loadModule, shapes } from '../../src/conformance/load.ts';
import { paymentSuite } from '../../src/conformance/payment/suite.ts';
import { pricingSuite } from '../../src/conformance/pricing/suite.ts';
import { countOf, documentOf, linesOf, summaryOf } from '../../src/conformance/report.ts';
import { runChecks } from '../../src/conformance/run.ts';

const every = [paymentSuite, carrierSuite, pricingSuite].map(({ checks }) => checks);

describe('what is checked', () => {
  test.each(every.flat().map(({ id, reliedOnBy }) => [id, reliedOnBy]))('%s is relied on by %s', (_id, reliedOnBy) => {
    const [file = '', name = ''] = (reliedOnBy.split(', ').at(-1) ?? '').split(' ');
    for (const path of reliedOnBy.split(', ').map((one) => `src/${one.split(' ')[0]}`))
      expect(existsSync(path)).toBe(true);
    expect(readFileSync(`src/${file}`, 'utf8')).toContain(name);
    expect(name).not.toBe('');
  });

  test('has a name of its own', () => {
    for (const checks of every) expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  });
});

describe('a run', () => {
  const check = (id: string, run: () => Promise<string>): Check<null> => ({
    ...{ id, rule: `rule ${id}`, why: 'money', reliedOnBy: 'code', run },
  });
  let closed = 0;
  const open = () => Promise.resolve({ world: null, close: () => Promise.resolve(void (closed += 1)) });
  const checks = [
    check('a.one', () => Promise.resolve('fine')),
    check('a.two', () => Promise.reject(new Broken('twice'))),
    check('b.one', () => Promise.reject(new NotTested('no lever'))),
    check('b.two', () => Promise.reject(new TypeError('of the adapter'))),
  ];

  test('tells what passed, what failed, and what nobody knows', async () => {
    const results = await runChecks(checks, open, { only: [] });
    expect(results.map(({ id, outcome, seen }) => [id, outcome, seen])).toEqual([
      ['a.one', 'passed', 'fine'],
      ['a.two', 'failed', 'twice'],
      ['b.one', 'not tested', 'no lever'],
      ['b.two', 'failed', 'it threw TypeError: of the adapter'],
    ]);
    expect(closed).toBe(4);
    expect(summaryOf(countOf(results))).toBe('1 passed, 2 failed, 1 not tested');
    expect(results.flatMap(linesOf).join('\n')).toMatch(/ok +a\.one[\s\S]*FAIL a\.two[\s\S]*seen: twice[\s\S]*money/);
    expect(JSON.parse(documentOf({ port: 'payment', adapter: 'x' }, results))).toMatchObject({
      ...{ port: 'payment', adapter: 'x', passed: 1, failed: 2, notTested: 1 },
      checks: [{ id: 'a.one' }, { id: 'a.two', outcome: 'failed', why: 'money' }, {}, {}],
    });
  });

  test('can be of some, by their name or their kind', async () => {
    const idsOf = async (only: string[]) => (await runChecks(checks, open, { only })).map(({ id }) => id);
    expect(await idsOf(['b'])).toEqual(['b.one', 'b.two']);
    expect(await idsOf(['a.two', 'b.one'])).toEqual(['a.two', 'b.one']);
  });

  test('that can not make the adapter has failed', async () => {
    const results = await runChecks(checks.slice(0, 1), () => Promise.reject(new Error('no key')), { only: [] });
    expect(results).toMatchObject([{ outcome: 'failed', seen: 'it threw Error: no key' }]);
  });
});

describe('a module', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'conformance-'))));
  afterAll(() => rm(folder, { recursive: true }));

  const load = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return loadModule(path, shapes.payment);
  };
  const given = "name: 'x', create: () => ({}), methods: { succeeds: 'm' }";

  test('gives what it has', async () => {
    expect(await load('good.mjs', `export default async () => ({ ${given} })`)).toMatchObject({ name: 'x' });
  });

  test.each([
    ['none.mjs', 'export const adapter = 1', 'expected its default export to be a function'],
    ['throws.mjs', "export default () => { throw new Error('no sandbox') }", 'no sandbox'],
    ['broken.mjs', 'export default (', 'can not be loaded'],
    ['old.cjs', 'module.exports = 1', 'expected an ES module'],
    ['lacks.mjs', "export default () => ({ name: 'x', create: () => ({}) })", 'methods'],
    ['typo.mjs', `export default () => ({ ${given}, upstreem: 'http://127.0.0.1' })`, 'upstreem'],
    ['url.mjs', `export default () => ({ ${given}, upstream: '127.0.0.1:80' })`, 'upstream'],
  ])('that can not be used says why (%s)', async (name, text, why) => {
    await expect(load(name, text)).rejects.toThrow(why);
  });

  test('that is not there is named', async () => {
    await expect(loadModule(join(folder, 'away.ts'), shapes.payment)).rejects.toThrow('There is no file');
  });
});
