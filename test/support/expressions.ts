// What an expression reads and what a scrape shows, as far as tests hold the one against the other.

const KEYWORDS = [
  'and',
  'or',
  'unless',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'bool',
  'offset',
];

export type Asked = { name: string; labels: string[]; values: [label: string, value: string][] };

/** The metrics that an expression names, each with the labels by which it chooses, and the values that it wants to find there. */
export function metricsIn(expr: string): Asked[] {
  const plain = expr
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\boffset\s+\w+/g, ' ')
    // Strings that are no matcher.
    .replace(/([(,]\s*)"[^"]*"(?=\s*[,)])/g, '$1')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  return [...plain.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(\s*\()?/g)]
    .filter(([, name = '', , call]) => call === undefined && !KEYWORDS.includes(name))
    .map(([, name = '', matchers = '']) => {
      const chosen = [...matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)];
      return {
        name,
        labels: chosen.map(([, label = '']) => label),
        values: chosen
          .filter(([, , how = '']) => how.startsWith('='))
          .flatMap(([, label = '', , value = '']) => value.split('|').map((one): [string, string] => [label, one])),
      };
    });
}

/** The labels by which it sums or joins. */
export const summedBy = (expr: string): string[] =>
  [
    ...new Set(
      [...expr.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, labels = '']) =>
        labels.split(',').map((label) => label.trim()),
      ),
    ),
  ].filter((label) => label !== '');

/** Prometheus itself gives every series these, and asks for these. */
const OF_PROMETHEUS = ['instance', 'job'];

/** What is asked for and can not be found in the scrape: names, labels of what is there, values that would be chosen. */
export function flawsOf(text: string, asked: readonly Asked[], by: readonly string[] = []): string[] {
  const [names, samples] = [namesOf(text), samplesOf(text)];
  const flaws = asked.flatMap(({ name, labels, values }) => {
    if (name === 'up') return [];
    if (!names.has(name)) return [name];
    const found = samples.filter((sample) => sample.name === name);
    // Of some there is nothing just now: then only their name is known.
    if (found.length === 0) return [];
    const all = found.map((sample) => ` ${sample.labels.replaceAll('",', '" ')}`);
    const lacks = (label: string, value: string) =>
      !OF_PROMETHEUS.includes(label) && !all.some((of) => new RegExp(` ${label}="${value}"`).test(of));
    return [
      ...labels.filter((label) => lacks(label, '.*')).map((label) => `${name}{${label}}`),
      ...values.filter(([label, value]) => lacks(label, value)).map(([label, value]) => `${name}{${label}="${value}"}`),
    ];
  });
  const shown = samples.filter(({ name }) => asked.some((one) => one.name === name));
  const nobodys = by.filter(
    (label) =>
      !OF_PROMETHEUS.includes(label) &&
      asked.length > 0 &&
      asked.every(({ name }) => shown.some((sample) => sample.name === name)) &&
      !shown.some(({ labels }) => ` ${labels.replaceAll('",', '" ')}`.includes(` ${label}="`)),
  );
  return [...new Set([...flaws, ...nobodys.map((label) => `by ${label}`)])];
}

export type Series = { name: string; labels: string; value: number };

/** The samples of a scrape. */
export const samplesOf = (text: string): Series[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^([\w:]+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      return { name, labels, value: value === '+Inf' ? Infinity : Number(value) };
    });

/** All names that a scrape has or could have: also of what there is nothing of just now. */
export function namesOf(text: string): Set<string> {
  const names = new Set(samplesOf(text).map(({ name }) => name));
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\w+)$/gm)) {
    names.add(name);
    if (type === 'histogram') for (const suffix of ['_bucket', '_sum', '_count']) names.add(name + suffix);
  }
  return names;
}
