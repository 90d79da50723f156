// How the demo reads: 80 columns, a scene after the other. What it says is the same without colours.
import type { Paint } from '../paint.ts';
import { clean } from '../output.ts';
import type { Check } from './facts.ts';

const WIDTH = 80;
const NAME = 12;

/** Words in lines of a width, each with what stands before it. */
export function wrap(text: string, first: string, indent = ' '.repeat(first.length)): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const isEmpty = line === first || line === indent;
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else line += isEmpty ? word : ` ${word}`;
  }
  return [...lines, line];
}

export const headLines = (
  paint: Paint,
  { at, of, headline, promise }: { at: number; of: number; headline: string; promise: string },
): string[] => ['', paint.bold(`${at}/${of}  ${headline}`), ...wrap(promise, '     '), ''];

/** What is done, as it is done, with the time since the scene began. */
export const stepLines = (paint: Paint, seconds: number, what: string): string[] => {
  const time = `${seconds.toFixed(1).padStart(7)} s  `;
  const [first = '', ...rest] = wrap(clean(what), time);
  return [paint.quiet(time) + first.slice(time.length), ...rest];
};

/** What was compared: what was found, and where it is wrong what was expected. */
export function checkLines(paint: Paint, { of, found, expected, ok }: Check): string[] {
  const mark = ok ? paint.good('✓') : paint.bad('✗');
  const name = `  ${of.padEnd(NAME)} `;
  const [first = '', ...rest] = wrap(clean(found), `   ${name}`);
  const indent = ' '.repeat(name.length + 3);
  const wanted = ok ? [] : wrap(clean(expected), `${indent}expected: `, indent);
  return [`   ${mark}${first.slice(4)}`, ...rest, ...wanted];
}
