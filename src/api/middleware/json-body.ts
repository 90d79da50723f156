// JSON at the door. What must stay true: what our code sees is exactly what the client wrote, once (no duplicate keys, no
// rounded numbers, no broken text), and nothing that looks like a card number gets further than this file.
import type { IncomingHttpHeaders } from 'node:http';
import express, { type RequestHandler } from 'express';
import { visit } from 'jsonc-parser';
import { holdsCardNumber } from '../../domain/card-number.ts';
import { Problem, type FieldError } from './problems.ts';

const MAX_BODY = '64kb';
// An order nests four deep; a parser that recurses must not be driven into the ground by brackets.
const MAX_DEPTH = 16;

const readBytes = express.raw({ type: () => true, limit: MAX_BODY, inflate: false });

// An event of the provider carries a whole object of theirs.
const MAX_SIGNED_BODY = '256kb';

/** The bytes as they came: a signature is over exactly these. */
export const rawBody: RequestHandler = express.raw({ type: () => true, limit: MAX_SIGNED_BODY, inflate: false });

/** Parses `req.body` from JSON; a Problem for everything that is not plain, well-formed, unambiguous JSON. */
export const jsonBody: RequestHandler[] = [
  (req, _res, next) => {
    if (isJsonType(req.headers['content-type']) && !req.headers['content-encoding']) return next();
    throw new Problem('unsupported-media-type', 'Send Content-Type: application/json in UTF-8, not compressed');
  },
  readBytes,
  (req, _res, next) => {
    const body: unknown = req.body;
    req.body = parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
    next();
  },
];

/** As `jsonBody`, where a request without any body is one as well: `req.body` is undefined then. */
export const optionalJsonBody: RequestHandler[] = jsonBody.map((parse): RequestHandler => (req, res, next) => {
  if (hasBody(req.headers)) return void parse(req, res, next);
  req.body = undefined;
  next();
});

const hasBody = ({ 'content-length': length = '0', 'transfer-encoding': encoding }: IncomingHttpHeaders): boolean =>
  encoding !== undefined || length !== '0';

/** The value of a JSON document. Throws a Problem; its errors point to the place, never quote the value. */
export function parseJson(bytes: Buffer): unknown {
  const text = decode(bytes);
  const errors = findAmbiguities(text);
  const value = parse(text);
  if (errors.length > 0) throw new Problem('malformed-json', 'The JSON is ambiguous or not exact', { errors });
  const unacceptable = findUnacceptableText(value, '');
  if (unacceptable.length > 0)
    throw new Problem('invalid-body', 'The body holds text that is not accepted', { errors: unacceptable });
  return value;
}

function isJsonType(header: string | undefined): boolean {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  return type === 'application/json' && parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter));
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem('malformed-json', 'The body is not valid UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('malformed-json', text.trim() === '' ? 'The body is empty' : 'The body is not valid JSON');
  }
}

/** What JSON.parse would let pass silently: duplicate keys, `__proto__`, numbers it can not hold, endless nesting. */
function findAmbiguities(text: string): FieldError[] {
  const errors: FieldError[] = [];
  const keys: Set<string>[] = [];
  const fail = (path: (string | number)[], message: string): void =>
    void errors.push({ pointer: toPointer(path), message });
  let depth = 0;
  const enter = (): void => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new Problem('malformed-json', `The body nests more than ${MAX_DEPTH} deep`);
  };
  visit(
    text,
    {
      onObjectBegin: () => (enter(), void keys.push(new Set())),
      onObjectEnd: () => ((depth -= 1), void keys.pop()),
      onArrayBegin: enter,
      onArrayEnd: () => void (depth -= 1),
      onObjectProperty: (name, _offset, _length, _line, _column, path) => {
        // The path given here is that of the object.
        if (name === '__proto__') fail([...path(), name], 'this name is not accepted');
        if (keys.at(-1)?.has(name)) fail([...path(), name], 'an object in the body has the same name twice');
        keys.at(-1)?.add(name);
      },
      onLiteralValue: (value: unknown, offset, length, _line, _column, path) => {
        if (typeof value === 'number' && !isExact(value, text.slice(offset, offset + length)))
          fail(path(), 'the number can not be held exactly');
      },
    },
    { disallowComments: true },
  );
  return errors;
}

/** Fractions may lose digits (no field takes one), but none may become an integer on the way: 1.00000000000000000001. */
function isExact(value: number, written: string): boolean {
  if (!Number.isInteger(value)) return Number.isFinite(value);
  return Number.isSafeInteger(value) && significantDigits(written) === significantDigits(String(value));
}

const significantDigits = (number: string): string =>
  number
    .replace(/[eE].*/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');

function findUnacceptableText(value: unknown, pointer: string): FieldError[] {
  if (typeof value === 'string') {
    const message = refuseText(value);
    return message ? [{ pointer, message }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => findUnacceptableText(item, `${pointer}/${index}`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const message = refuseText(name);
    // A refused name must not be echoed either, hence the pointer of its object.
    return message
      ? [{ pointer, message: `a name: ${message}` }]
      : findUnacceptableText(item, `${pointer}/${escape(name)}`);
  });
}

/** Why a text of a client is refused wherever it stands, or null. */
export function refuseText(text: string): string | null {
  if (text.includes('\0')) return 'holds a NUL character';
  if (!text.isWellFormed()) return 'holds half of a surrogate pair';
  return holdsCardNumber(text) ? 'looks like a card number; use a payment method id instead' : null;
}

/** A JSON pointer (RFC 6901). A segment with text that is refused itself is left out: it would be echoed. */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((segment) => `/${escape(refuseText(String(segment)) === null ? String(segment) : '?')}`).join('');

const escape = (segment: string): string => segment.replace(/~/g, '~0').replace(/\//g, '~1');
