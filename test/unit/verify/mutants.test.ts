// The list of mutants rots in silence: an edit that finds no place is only noticed by the next run, hours of work later.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = new URL('../../../', import.meta.url);
type Mutant = {
  name: string;
  edits: { file: string; from: string | RegExp; to: string }[];
  test?: [file: string, name: string];
  verify?: [args: string[], rule: string];
};
const { mutants } = (await import(new URL('scripts/mutants/list.mjs', root).href)) as { mutants: Mutant[] };

const textOf = (file: string): string => readFileSync(fileURLToPath(new URL(file, root)), 'utf8');

test.each(mutants)(
  'the mutant “$name” finds its place, and names what must turn red',
  ({ edits, test: named, verify }) => {
    for (const { file, from, to } of edits) {
      const text = textOf(file);
      expect(typeof from === 'string' ? text.replace(from, () => to) : text.replace(from, to)).not.toBe(text);
    }
    if (named) {
      const [file] = named;
      expect(existsSync(fileURLToPath(new URL(`${file}.test.ts`, root)))).toBe(true);
    } else {
      const [, rule] = verify ?? [];
      const rules = ['checker', 'invariants', 'dispute-rules'].map((file) => textOf(`src/verify/${file}.ts`)).join('');
      expect(rules).toContain(rule ?? 'a rule');
    }
  },
);
