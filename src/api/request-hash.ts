import { createHash } from 'node:crypto';

/** SHA-256 over what was asked for, whatever the order of its properties. `operation` keeps two kinds of request apart. */
export const requestHash = (operation: string, content: unknown): string =>
  createHash('sha256')
    .update(`${operation}\n${canonical(content)}`)
    .digest('hex');

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}
