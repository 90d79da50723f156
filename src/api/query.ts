import { Problem } from './middleware/problems.ts';

/**
 * The parameters of a query string. A repeated one is a list, so that the schemas see it; there is no limit to their number
 * but the request line's own. Throws a Problem for what is not percent-encoded UTF-8: nothing is replaced or guessed.
 */
export function parseQuery(text: string | null | undefined): Record<string, string | string[]> {
  // Without a prototype: a parameter may have any name.
  const parameters = Object.create(null) as Record<string, string | string[]>;
  for (const part of (text ?? '').split('&').filter((written) => written !== '')) {
    const [name, ...value] = part.split('=');
    const decoded = decode(value.join('='));
    const key = decode(name ?? '');
    const before = parameters[key];
    parameters[key] = before === undefined ? decoded : [before, decoded].flat();
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Problem('invalid-query', 'The query is not percent-encoded UTF-8');
  }
}
