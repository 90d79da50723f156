// `npm run conformance` as a team runs it: on TypeScript as it stands, and by its exit code.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'conformance-'))));
afterAll(() => rm(folder, { recursive: true }));

const conformance = (...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((done) => {
    const child = execFile(process.execPath, ['scripts/conformance.mjs', ...args], (_error, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });

test('ends by what it found', async () => {
  // With types, an enum, a parameter property, and a specifier as tsc has it: nothing of it is JavaScript.
  await writeFile(join(folder, 'rate.mts'), 'export enum Rate { None = 0.5 }\n');
  await writeFile(
    join(folder, 'mine.mts'),
    `import type { PricingConformance } from '${resolve('src/conformance/pricing-module.ts')}';
import { plainTotals } from '${resolve('src/domain/totals.ts')}';
import { Rate } from './rate.mjs';
class Mine { constructor(private readonly extra: number) {}
  async totalsOf({ linesMinor }: { linesMinor: number }) { return { ...plainTotals(linesMinor), taxMinor: this.extra }; } }
export default (): PricingConformance => ({ name: 'mine', create: () => new Mine(Rate.None) });
`,
  );
  const [good, bad, away, typo, list] = await Promise.all([
    conformance('pricing', 'examples/conformance/pricing.ts', '-o', 'json'),
    conformance('pricing', join(folder, 'mine.mts')),
    conformance('pricing', join(folder, 'away.ts')),
    conformance('pricing', 'examples/conformance/pricing.ts', '--only', 'total'),
    conformance('payment', '--list'),
  ]);
  expect(good).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(good.out)).toMatchObject({ port: 'pricing', failed: 0, passed: 6, notTested: 0 });
  expect(bad).toMatchObject({ code: 1, err: '' });
  expect(bad.out).toMatch(/FAIL totals\.sound[\s\S]*taxMinor must be a non-negative integer; found 0\.5/);
  expect(bad.out.trimEnd()).toMatch(/\n\d passed, 1 failed, 0 not tested$/);
  expect(away).toMatchObject({ code: 2, out: '' });
  expect(away.err).toMatch(/There is no file .*away\.ts/);
  expect(typo).toMatchObject({ code: 2, out: '' });
  expect(typo.err).toContain('There is no check total');
  expect(list.code).toBe(0);
  expect(list.out).toContain('lost.confirm');
});
