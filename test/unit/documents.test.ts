// What the documents point at is there: files, headings, tests, scripts.
import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const below = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'clients/typescript/README.md'],
  ...[...below('docs'), ...below('examples')].filter((file) => file.endsWith('.md') && !file.includes('node_modules')),
];
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const withoutCode = (text: string): string => text.replace(/^```[^]*?^```/gm, '');

/** As GitHub names a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (file: string): string[] =>
  [...withoutCode(read(file)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading.trim()));

test('every link leads to a file, and to a heading of it', () => {
  const dead = documents.flatMap((document) =>
    [...withoutCode(read(document)).matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]*))?\)/g)]
      .filter(([, path = '', anchor]) => {
        const target = path === '' ? document : normalize(join(dirname(document), path));
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
      })
      .map(([link]) => `${document}: ${link}`),
  );
  expect(dead).toEqual([]);
});

// Records of what was, which may be gone.
const present = documents.filter((file) => file !== 'CHANGELOG.md' && file !== 'docs/evidence.md');

test('every file that is named is there', () => {
  const gone = present.flatMap((document) =>
    [...read(document).matchAll(/`((?:test|src|scripts|bench|migrations|examples|console|ops)\/[\w./-]*)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => !['', '.ts', '.test.ts'].some((end) => existsSync(join(root, path + end))))
      .map((path) => `${document}: ${path}`),
  );
  expect(gone).toEqual([]);
});

test('every script that is named is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const unknown = present.flatMap((document) =>
    [...read(document).matchAll(/npm run (?:--?s\w* )?([\w:-]+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => scripts[name] === undefined)
      .map((name) => `${document}: ${name}`),
  );
  expect(unknown).toEqual([]);
});
