// The list of mutants rots in silence: an edit that finds no place, or damage that does not compile, is only noticed by the next
// run, hours of work later.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';

const root = new URL('../../../', import.meta.url);
type Mutant = {
  name: string;
  edits: { file: string; from: string | RegExp; to: string }[];
  test?: [file: string, name: string];
  verify?: [args: string[], rule: string];
};
const { mutants } = (await import(new URL('scripts/mutants/list.mjs', root).href)) as { mutants: Mutant[] };

const pathOf = (file: string): string => fileURLToPath(new URL(file, root));
const textOf = (file: string): string => readFileSync(pathOf(file), 'utf8');

let compiler: ReturnType<typeof createCompiler>;
beforeAll(() => {
  compiler = createCompiler();
  // The first question reads everything.
  const file = 'src/contracts/ids.ts';
  expect(compiler.complaintsAbout(new Map([[file, textOf(file)]]))).toEqual([]);
}, 120_000);

test.each(mutants)(
  'the mutant “$name” finds its place, compiles, and names what must turn red',
  ({ edits, test: named, verify }) => {
    const damaged = new Map<string, string>();
    for (const { file, from, to } of edits) {
      const text = damaged.get(file) ?? textOf(file);
      const edited = typeof from === 'string' ? text.replace(from, () => to) : text.replace(from, to);
      expect(edited).not.toBe(text);
      damaged.set(file, edited);
    }
    expect(compiler.complaintsAbout(damaged)).toEqual([]);
    if (named) {
      const [file] = named;
      expect(existsSync(pathOf(`${file}.test.ts`))).toBe(true);
    } else {
      const [, rule] = verify ?? [];
      const rules = ['checker', 'invariants', 'dispute-rules'].map((file) => textOf(`src/verify/${file}.ts`)).join('');
      expect(rules).toContain(rule ?? 'a rule');
    }
  },
  30_000,
);

test('damage that does not compile is noticed', () => {
  const file = 'src/adapters/postgres/ledger.ts';
  const unused = textOf(file).replace('import', "import type { URL } from 'node:url';\nimport");
  expect(compiler.complaintsAbout(new Map([[file, unused]]))).toEqual([expect.stringContaining('never read')]);
}, 30_000);

/** The compiler of the build, which keeps what it knows between questions: only the damaged files are read again. */
function createCompiler() {
  const { config } = ts.readConfigFile(pathOf('tsconfig.json'), (name) => ts.sys.readFile(name)) as { config: unknown };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, fileURLToPath(root));
  let damaged = new Map<string, string>();
  let question = 0;
  const service = ts.createLanguageService({
    getScriptFileNames: () =>
      fileNames.filter((name) => name.startsWith(pathOf('src/')) || name.startsWith(pathOf('types/'))),
    getScriptVersion: (name) => (damaged.has(name) ? `damaged ${question}` : 'as it is'),
    getScriptSnapshot: (name) => {
      const text = damaged.get(name) ?? ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => fileURLToPath(root),
    getCompilationSettings: () => options,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (name) => ts.sys.fileExists(name),
    readFile: (name) => ts.sys.readFile(name),
  });
  return {
    complaintsAbout: (files: ReadonlyMap<string, string>): string[] => {
      question += 1;
      damaged = new Map([...files].map(([file, text]) => [pathOf(file), text]));
      const sources = [...damaged.keys()].filter((name) => name.endsWith('.ts'));
      return sources
        .flatMap((name) => [...service.getSyntacticDiagnostics(name), ...service.getSemanticDiagnostics(name)])
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  };
}
