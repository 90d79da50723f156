// Words of the shop's own, from a folder: `shipped.de.txt` with a line `Subject: …`, an empty line, and the text; and `reasons.de.txt` with
// why an order is rejected, a line for each code. All mistakes are told at once, when the process starts.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noticeKinds, type NoticeKind } from '../../domain/customer-notice.ts';
import { placeholdersIn, placeholdersOf, type Wording, type Wordings } from '../../domain/notice-text.ts';
import { german } from '../../domain/notice-words-de.ts';
import { english } from '../../domain/notice-words-en.ts';
import { RejectionCode } from '../../domain/rejection.ts';
import { ConfigurationError } from '../../runtime/config.ts';

const LONGEST = 20_000;
const FILE = /^([a-z-]+)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.txt$/;

const builtIn: Wordings = { en: english, de: german };

/** What we say, and in its place what the shop says. Throws ConfigurationError with every mistake. */
export async function readWordings(folder: string | undefined): Promise<Wordings> {
  if (folder === undefined) return builtIn;
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ConfigurationError([`NOTICE_TEMPLATES: the folder can not be read (${codeOf(error)})`]);
  });
  const problems: string[] = [];
  const wordings: Record<string, Wording> = { ...builtIn };
  for (const name of names.filter((one) => !one.startsWith('.')).sort()) {
    const [, kind = '', locale = ''] = FILE.exec(name) ?? [];
    const text = await readFile(join(folder, name), 'utf8').catch(() => null);
    const read =
      text === null || text.length > LONGEST ? { problem: 'can not be read, or is too long' } : readFileOf(kind, text);
    if ('problem' in read) problems.push(`NOTICE_TEMPLATES: ${name}: ${read.problem}`);
    else wordings[locale] = merge(wordings[locale], read.wording);
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return wordings;
}

const merge = (before: Wording | undefined, wording: Wording): Wording => ({
  templates: { ...before?.templates, ...wording.templates },
  reasons: { ...before?.reasons, ...wording.reasons },
});

type Read = { wording: Wording } | { problem: string };

function readFileOf(kind: string, text: string): Read {
  if (kind === 'reasons') return readReasons(text);
  const known = noticeKinds.find((one) => one === kind);
  if (!known)
    return { problem: `expected <kind>.<locale>.txt or reasons.<locale>.txt; kinds are ${noticeKinds.join(', ')}` };
  return readTemplate(known, text.replaceAll('\r\n', '\n'));
}

function readTemplate(kind: NoticeKind, text: string): Read {
  const [, subject, body = ''] = /^Subject: (.+)\n\n([^]+)$/.exec(text) ?? [];
  if (subject === undefined || body.trim() === '')
    return { problem: 'expected a line "Subject: …", an empty line, and the text' };
  const allowed: readonly string[] = placeholdersOf(kind);
  const unknown = [...new Set(placeholdersIn(subject + body))].filter((name) => !allowed.includes(name));
  if (unknown.length > 0)
    return {
      problem: `nothing is known of ${unknown.map((name) => `{${name}}`).join(', ')}; there is {${allowed.join('}, {')}}`,
    };
  // The order is always there: a subject must not be left out with its line.
  if (placeholdersIn(subject).some((name) => name !== 'order' && name !== 'shop' && name !== 'total'))
    return { problem: 'the subject may only speak of {order}, {shop} and {total}: others are not always there' };
  return { wording: { templates: { [kind]: { subject, text: body } }, reasons: {} } };
}

function readReasons(text: string): Read {
  const reasons: Record<string, string> = {};
  for (const line of text.split(/\r?\n/).filter((one) => one.trim() !== '')) {
    const [, code = '', words = ''] = /^([a-z_.]+): (.+)$/.exec(line) ?? [];
    if (!(Object.values(RejectionCode) as string[]).includes(code))
      return { problem: `expected lines "code: words"; codes are ${Object.values(RejectionCode).join(', ')}` };
    reasons[code] = words;
  }
  return { wording: { templates: {}, reasons } };
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
