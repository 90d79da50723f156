import { personalData, type Fate } from './personal-data.ts';

const fateWords: Record<Fate, string> = {
  word: 'the word `erased`',
  null: 'nothing',
  empty: '`{}`',
  country: 'the country',
  fields: '`erased` in its fields of words',
  event: '`erased` in its fields of words',
  answer: '`erased` in its fields of words',
  row: 'the row is gone',
};

const BEGIN = '<!-- columns: written by `npm run privacy` -->\n';
const END = '<!-- columns: end -->\n';

/** The text of docs/privacy.md, with the table in its place. */
export function pageWithTable(text: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('Expected docs/privacy.md to have the marks of the table; found none');
  return `${before}${BEGIN}\n${tableOfPersonalData()}\n${END}${after}`;
}

const tableOfPersonalData = (): string =>
  [
    '<!-- prettier-ignore-start -->',
    '',
    '| table | column | what it may hold | what is left of it |',
    '|---|---|---|---|',
    ...Object.entries(personalData).flatMap(([table, { erased = {}, kept = {} }]) => [
      ...Object.entries(erased).map(
        ([column, { holds, fate }]) => `| \`${table}\` | \`${column}\` | ${holds} | ${fateWords[fate]} |`,
      ),
      ...Object.entries(kept).map(
        ([why, columns]) =>
          `| \`${table}\` | ${columns.map((name) => `\`${name}\``).join(', ')} | ${why} | all of it |`,
      ),
    ]),
    '',
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
