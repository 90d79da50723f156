/* eslint max-lines: off -- one home for what arrives by chance; its arbitraries are read together */
// Thousands of inputs nobody thought of: whatever arrives, the api answers a problem or closes the connection, in time, never
// with a 5xx, and keeps nothing of it. A failure prints fast-check's seed and the smallest input that shows it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  converse,
  freshKey,
  goodOrder,
  JSON_TYPE,
  placeGood,
  problemOf,
  putProducts,
  send,
  startApi,
} from './support-api.ts';
import type { Answer, Headers, SupportApi } from './support-api.ts';

const good = JSON.stringify(goodOrder);
const ORDER_ID = /^order_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const TIME_LIMIT_MS = 120_000;

let api: SupportApi;
let accepted = 0;

beforeAll(async () => {
  api = await startApi();
  await putProducts(api.port);
});

afterAll(async () => {
  await api.close();
});

const place = (body: string | Uint8Array, headers: Headers = []): Promise<Answer> =>
  send(api.port, {
    method: 'POST',
    path: '/orders',
    headers: [JSON_TYPE, ['Idempotency-Key', freshKey()], ...headers],
    body,
  });
const get = (path: string, headers: Headers = []): Promise<Answer> => send(api.port, { method: 'GET', path, headers });

function expectRefused(answer: Answer): void {
  const { status } = problemOf(answer);
  if (status < 400 || status >= 500)
    throw new Error(`Expected a refusal; found ${status} ${answer.text.slice(0, 200)}`);
}

/** An input that may have stayed valid: then it is an order that was placed, and counted. */
function expectRefusedOrPlaced(answer: Answer): void {
  if (answer.status === 202) accepted += 1;
  else expectRefused(answer);
}

function expectRefusedOrRead(answer: Answer): void {
  // What a conditional request has already.
  if (answer.status === 304) return;
  if (answer.status === 200) expect(answer.headers['content-type']).toMatch(/^(application\/json|text\/event-stream)/);
  else expectRefused(answer);
}

/** Runs the property and compares what stands in the database with what was accepted. */
async function check<T>(
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  predicate: (input: T) => Promise<void>,
): Promise<void> {
  const [before, acceptedBefore] = [await api.countRows(), accepted];
  await fc.assert(fc.asyncProperty(arbitrary, predicate), { numRuns });
  const placed = accepted - acceptedBefore;
  const { order_lines: lines, ...after } = await api.countRows();
  const { order_lines: linesBefore, ...rest } = before;
  const perOrder = ['events', 'idempotency_keys', 'orders', 'payments'];
  const expected = Object.entries(rest).map(
    ([name, rows]) => [name, rows + (perOrder.includes(name) ? placed : 0)] as const,
  );
  expect(after).toEqual(Object.fromEntries(expected));
  expect((lines ?? 0) >= (linesBefore ?? 0) + placed).toBe(true);
}

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
const anyJson = fc.oneof(
  fc.jsonValue(),
  fc.jsonValue({ noUnicodeString: false }),
  anyText,
  fc.double(),
  fc.constantFrom(null, '', [], {}),
);

/** Every place inside the good order, by its path. */
const places: readonly (readonly (string | number)[])[] = [
  ...Object.keys(goodOrder).map((name) => [name]),
  ['items', 0],
  ['items', 0, 'sku'],
  ['items', 0, 'quantity'],
  ...Object.keys(goodOrder.shipping).map((name) => ['shipping', name]),
  ['metadata', 'channel'],
];
const strings = places.filter(
  (path) => !['items', 'shipping', 'metadata', 'quantity'].includes(String(path.at(-1))) && path.at(-1) !== 0,
);

type Tree = Record<string | number, unknown>;
/** The good order with `change` done to what holds the place. */
function changed(path: readonly (string | number)[], change: (holder: Tree, name: string | number) => void): string {
  const copy = structuredClone(goodOrder) as unknown as Tree;
  const holder = path.slice(0, -1).reduce<Tree>((tree, name) => tree[name] as Tree, copy);
  change(holder, path.at(-1) ?? '');
  return JSON.stringify(copy);
}

const mutation = fc.oneof(
  fc
    .record({ path: fc.constantFrom(...places), value: anyJson })
    .map(({ path, value }) => changed(path, (holder, name) => (holder[name] = value))),
  fc.constantFrom(...places).map((path) => changed(path, (holder, name) => Reflect.deleteProperty(holder, name))),
  fc
    .record({ path: fc.constantFrom(...places), name: anyText, value: anyJson })
    // The length of an array can not be whatever comes, and no JSON has it.
    .filter(({ name }) => name !== 'length')
    .map(({ path, name, value }) => changed(path, (holder) => (holder[name] = value))),
);
const JSON_CHARACTERS = [
  ...Array.from('{}[]":,\\0123456789.eE+-tfnu \n\t'),
  '\0',
  '\ufeff',
  '\ud83d\ude00',
  '"__proto__":1,',
  '"customerId":"x",',
  '\\ud800',
  '\\u0000',
];
const textMutation = fc
  .record({
    at: fc.nat(good.length),
    cut: fc.nat(6),
    insert: fc.array(fc.constantFrom(...JSON_CHARACTERS), { maxLength: 4 }),
  })
  .map(({ at, cut, insert }) => good.slice(0, at) + insert.join('') + good.slice(at + cut));

describe('bodies', () => {
  test(
    'refuses arbitrary JSON',
    () => check(anyJson, 600, async (value) => expectRefused(await place(JSON.stringify(value)))),
    TIME_LIMIT_MS,
  );

  test(
    'refuses arbitrary bytes',
    () => check(fc.uint8Array({ maxLength: 300 }), 200, async (body) => expectRefused(await place(body))),
    TIME_LIMIT_MS,
  );

  test(
    'refuses or places a good order of which one value was changed',
    () => check(mutation, 600, async (body) => expectRefusedOrPlaced(await place(body))),
    TIME_LIMIT_MS,
  );

  test(
    'refuses or places a good order of which some characters were changed',
    () =>
      check(textMutation, 500, async (body) => {
        const answer = await place(body);
        expectRefusedOrPlaced(answer);
        if (answer.status === 202) expect(() => JSON.parse(body) as unknown).not.toThrow();
      }),
    TIME_LIMIT_MS,
  );

  test(
    'refuses arbitrary bodies of products and stock adjustments',
    () =>
      check(anyJson, 200, async (value) => {
        const body = JSON.stringify(value);
        expectRefused(await send(api.port, { method: 'PUT', path: '/products/beans', headers: [JSON_TYPE], body }));
        const headers = [JSON_TYPE, ['Idempotency-Key', freshKey()]] as const;
        expectRefused(
          await send(api.port, { method: 'POST', path: '/products/beans/stock-adjustments', headers, body }),
        );
      }),
    TIME_LIMIT_MS,
  );
});

describe('card numbers', () => {
  const card = fc
    .record({
      digits: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 }),
      separators: fc.array(fc.constantFrom('', ' ', '-'), { minLength: 19, maxLength: 19 }),
    })
    .map(({ digits, separators }) =>
      withCheckDigit(digits)
        .map((digit, place) => `${place === 0 ? '' : (separators[place] ?? '')}${digit}`)
        .join(''),
    );

  function withCheckDigit(digits: readonly number[]): number[] {
    const doubled = [...digits]
      .reverse()
      .map((digit, place) => (place % 2 === 0 ? digit * 2 - (digit > 4 ? 9 : 0) : digit));
    return [...digits, (10 - (doubled.reduce((sum, digit) => sum + digit, 0) % 10)) % 10];
  }

  const around = fc.constantFrom(
    { before: '', after: '' },
    { before: 'card: ', after: '.' },
    { before: '(', after: ')' },
    { before: '5 ', after: ' 12' },
  );
  const squeeze = (text: string): string => text.replace(/[ -]/g, '');

  test(
    'refuses a card number wherever it stands, without showing or logging it',
    () =>
      check(
        fc.record({ number: card, path: fc.constantFrom(...strings), around }),
        400,
        async ({ number, path, around: { before, after } }) => {
          const text = `${before}${number}${after}`;
          const from = api.log.length;
          const bodies = [
            changed(path, (holder, name) => (holder[name] = text)),
            changed(path, (holder) => (holder[text] = 'x')),
          ];
          const answers = await Promise.all([
            ...bodies.map((body) => place(body)),
            get(`/orders?customerId=${encodeURIComponent(text)}`),
            get(`/orders?${encodeURIComponent(text)}=1`),
            get(`/orders/${encodeURIComponent(text)}`),
            place(good, [['X-Correlation-Id', number]]),
            send(api.port, {
              method: 'POST',
              path: '/orders',
              headers: [JSON_TYPE, ['Idempotency-Key', number]],
              body: good,
            }),
          ]);
          for (const answer of answers) {
            expectRefused(answer);
            expect(squeeze(answer.text)).not.toContain(squeeze(number));
          }
          expect(squeeze(api.log.slice(from).join(''))).not.toContain(squeeze(number));
        },
      ),
    TIME_LIMIT_MS,
  );
});

describe('headers', () => {
  const value = fc.oneof(
    fc.string({
      unit: fc
        .integer({ min: 0x20, max: 0xff })
        .filter((code) => code !== 0x7f)
        .map((code) => String.fromCharCode(code)),
      maxLength: 300,
    }),
    fc.constantFrom(
      'application/json',
      'text/event-stream',
      'gzip',
      'wait=30',
      'wait=99999999999',
      '100-continue',
      '0',
      '-1',
      'bytes=9-1',
      '*',
    ),
  );
  const name = fc.constantFrom(
    ...[
      'Idempotency-Key',
      'Prefer',
      'X-Correlation-Id',
      'Content-Type',
      'Content-Encoding',
      'Accept',
      'Last-Event-ID',
      'Expect',
      'Host',
      'Range',
    ],
    ...[
      'If-None-Match',
      'If-Modified-Since',
      'Cookie',
      'Authorization',
      'X-Forwarded-For',
      'Origin',
      'TE',
      'Upgrade',
      'Accept-Encoding',
      'X-Any',
    ],
  );
  const headers = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 5 });
  const unknownSku = JSON.stringify({ ...goodOrder, items: [{ sku: 'nothing', quantity: 1 }] });

  test(
    'refuses a bad order with arbitrary headers',
    () => check(headers, 400, async (given) => expectRefused(await place(unknownSku, given))),
    TIME_LIMIT_MS,
  );

  test(
    'reads or refuses with arbitrary headers',
    () =>
      check(
        fc.record({
          given: headers,
          path: fc.constantFrom('/orders', '/events', '/products', '/healthz', '/orders/x'),
        }),
        300,
        async ({ given, path }) => expectRefusedOrRead(await get(path, given)),
      ),
    TIME_LIMIT_MS,
  );
});

describe('queries and paths', () => {
  const two = (max: number): fc.Arbitrary<string> => fc.nat(max).map((number) => String(number).padStart(2, '0'));
  const year = fc.oneof(
    fc.constantFrom('0000', '0001', '9999'),
    fc.nat(9999).map((number) => String(number).padStart(4, '0')),
  );
  const zone = fc.oneof(
    fc.constant('Z'),
    fc.tuple(fc.constantFrom('+', '-'), two(25), two(61)).map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
  );
  const instant = fc
    .tuple(
      year,
      two(13),
      two(32),
      two(25),
      two(61),
      two(61),
      fc.constantFrom('', '.1', '.123456789', `.${'9'.repeat(40)}`),
      zone,
      fc.constantFrom('T', ' '),
    )
    .map(([y, m, d, h, min, s, fraction, z, between]) => `${y}-${m}-${d}${between}${h}:${min}:${s}${fraction}${z}`);
  const cursor = fc
    .oneof(
      fc.record({
        placedAt: instant.map((text) => text.replace('T', ' ').replace(/:00$|Z$/, '')),
        id: fc.stringMatching(ORDER_ID),
      }),
      fc.record({ placedAt: anyText, id: anyText }),
      fc.record({ sku: anyText }),
      anyJson,
    )
    .map((place_) => Buffer.from(JSON.stringify(place_)).toString('base64url'));
  const name = fc.oneof(
    fc.constantFrom(
      'status',
      'attention',
      'customerId',
      'correlationId',
      'placedAfter',
      'placedBefore',
      'cursor',
      'limit',
      'after',
      'type',
      '__proto__',
    ),
    anyText,
  );
  const value = fc.oneof(
    anyText,
    instant,
    cursor,
    fc.integer().map(String),
    fc.constantFrom('placed', 'true', '20', '1', 'order.placed'),
  );
  const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
  const pairs = (names: fc.Arbitrary<string>, values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .array(fc.tuple(names, values), { minLength: 1, maxLength: 3 })
      .map((list) => list.map((pair) => pair.map(encode).join('=')).join('&'));
  const rawText = fc.string({ unit: fc.constantFrom(...Array.from('%&=+?#;/abz019._~-[]{}|^"\'<>\\')), maxLength: 60 });
  const lists = fc.constantFrom('/orders', '/events', '/products');

  test(
    'reads or refuses with an arbitrary query',
    () =>
      check(fc.record({ path: lists, query: fc.oneof(pairs(name, value), rawText) }), 500, async ({ path, query }) =>
        expectRefusedOrRead(await get(`${path}?${query}`)),
      ),
    TIME_LIMIT_MS,
  );

  test(
    'reads or refuses from an arbitrary instant or cursor',
    () =>
      check(
        fc.oneof(pairs(fc.constantFrom('placedAfter', 'placedBefore'), instant), pairs(fc.constant('cursor'), cursor)),
        600,
        async (query) => {
          expectRefusedOrRead(await get(`/orders?${query}`));
          expectRefusedOrRead(await get(`/products?${query}`));
        },
      ),
    TIME_LIMIT_MS,
  );

  test(
    'reads or refuses at an arbitrary path with an arbitrary verb',
    () => {
      const path = fc
        .tuple(
          fc.constantFrom('/', '/orders/', '/products/', '/events/', '/problems/', '/docs/assets/'),
          fc.oneof(rawText, anyText.map(encode)),
        )
        .map((parts) => parts.join(''));
      const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'REPORT');
      return check(fc.record({ method, path }), 400, async (sent) => {
        const answer = await send(api.port, sent);
        if (sent.method === 'HEAD') expect(answer.status).toBeLessThan(500);
        else if (answer.status !== 200) expectRefused(answer);
      });
    },
    TIME_LIMIT_MS,
  );
});

describe('the bytes of a connection', () => {
  // What is not complete is told so by the end of the stream, after the time in which anything complete is answered.
  const CLOSED_WITHIN_MS = 3_000;
  const END_AFTER_MS = 40;

  async function expectOrderlyEnd(...chunks: Uint8Array[]): Promise<string> {
    const { text, outcome } = await converse(api.port, chunks, {
      until: () => false,
      withinMs: CLOSED_WITHIN_MS,
      endAfterMs: END_AFTER_MS,
    });
    expect(outcome).toBe('closed');
    for (const answer of text.split(/(?=HTTP\/1\.1 \d{3} )/)) {
      if (answer === '' || /^HTTP\/1\.1 [12]\d\d /.test(answer)) continue;
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d [^]*content-type: application\/problem\+json/i);
    }
    return text;
  }
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
  const bad = '{"customerId":"x"}';
  const request = (headers: string, body = bad): string =>
    `POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n${headers}\r\n${body}`;
  const complete = request(`Content-Length: ${bad.length}\r\n`);
  const LARGE = 'x'.repeat(20_000);

  test.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/9.9', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n'],
    ['HTTP/0.9', 'GET /\r\n'],
    ['a verb that nobody knows', 'BREW /orders HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a path with a space', 'GET /or ders HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a NUL in a header', 'GET /orders HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['a header without a colon', 'GET /orders HTTP/1.1\r\nHost a\r\n\r\n'],
    ['a space before the colon', 'GET /orders HTTP/1.1\r\nHost : a\r\n\r\n'],
    ['a folded header', 'GET /orders HTTP/1.1\r\nHost: a\r\nX: a\r\n b\x01\r\n\r\n'],
    ['a bare carriage return', 'GET /orders HTTP/1.1\rHost: a\r\r'],
    ['two lengths', request('Content-Length: 18\r\nContent-Length: 17\r\n')],
    ['a length and chunks', request('Content-Length: 18\r\nTransfer-Encoding: chunked\r\n')],
    ['a negative length', request('Content-Length: -1\r\n')],
    ['a length in words', request('Content-Length: ten\r\n')],
    ['an endless length', request(`Content-Length: ${'9'.repeat(30)}\r\n`)],
    ['a coding behind chunked', request('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n')],
    ['a bad chunk size', request('Transfer-Encoding: chunked\r\n', 'zz\r\nabc\r\n0\r\n\r\n')],
    ['a chunk longer than it says', request('Transfer-Encoding: chunked\r\n', '2\r\nabcdef\r\n0\r\n\r\n')],
    ['a chunk extension of 20 KB', request('Transfer-Encoding: chunked\r\n', `2;${LARGE}\r\nab\r\n0\r\n\r\n`)],
    ['a huge header', `GET /orders HTTP/1.1\r\nHost: a\r\nX: ${LARGE}\r\n\r\n`],
    ['a huge path', `GET /${LARGE} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ])('answers %s with a problem', async (_name, text) => {
    expect(await expectOrderlyEnd(latin1(text))).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test.each([
    ['nothing', ''],
    ['half a request line', 'GET /ord'],
    ['half a header', 'GET /orders HTTP/1.1\r\nHos'],
    ['half a body', complete.slice(0, -3)],
    ['half a chunk', request('Transfer-Encoding: chunked\r\n', 'ff\r\n{"a"')],
    ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['an upgrade', 'GET /orders HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['a bad order, twice in one packet', complete + complete],
    ['a bad order with rubbish behind it', `${complete}rubbish`],
    ['reads in one packet', 'GET /orders HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20)],
    ['reads that end in rubbish', `${'GET /orders HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5)}rubbish\r\n\r\n`],
    ['thousands of headers', `GET /orders HTTP/1.1\r\nHost: a\r\n${'a:b\r\n'.repeat(5_000)}\r\n`],
    ['blank lines', '\r\n'.repeat(50)],
  ])('answers or closes after %s', async (_name, text) => {
    await expectOrderlyEnd(latin1(text));
  });

  test(
    'answers or closes after arbitrary bytes',
    () =>
      check(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 4 }),
        200,
        async (chunks) => {
          await expectOrderlyEnd(...chunks);
        },
      ),
    TIME_LIMIT_MS,
  );

  test(
    'answers or closes after a request of which some bytes were changed',
    () => {
      const bytes = fc.oneof(
        fc.constantFrom(
          '\r\n',
          '\n',
          '\r',
          '\0',
          ' ',
          ':',
          '\x7f',
          '\xff',
          'Host: b\r\n',
          'Transfer-Encoding: chunked\r\n',
          'Content-Length: 3\r\n',
        ),
        fc.string({ maxLength: 5 }),
      );
      const edit = fc.record({ at: fc.nat(complete.length), cut: fc.nat(5), insert: bytes });
      return check(fc.array(edit, { minLength: 1, maxLength: 3 }), 300, async (edits) => {
        const text = edits.reduce(
          (before, { at, cut, insert }) => before.slice(0, at) + insert + before.slice(at + cut),
          complete,
        );
        await expectOrderlyEnd(latin1(text));
      });
    },
    TIME_LIMIT_MS,
  );

  test('never answers 4xx to an order that it accepted, whatever follows it in the same packet', async () => {
    for (const behind of ['rubbish', 'GET /', '\0', '{}', 'POST /orders HTTP/1.1\r\nContent-Length: x\r\n\r\n']) {
      const key = freshKey();
      const head = `POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nIdempotency-Key: ${key}\r\nContent-Length: ${good.length}\r\n\r\n`;
      const { text } = await converse(api.port, [latin1(head + good + behind)], {
        until: () => false,
        withinMs: 1_500,
        endAfterMs: 500,
      });
      expect(text).not.toMatch(/^HTTP\/1\.1 [45]/);
      // Without an answer the client asks again, and finds one order whatever happened.
      expect((await placeGood(api.port, key)).status).toBe(202);
      accepted += 1;
    }
  });

  test('ends a connection whose headers or body do not arrive', async () => {
    const stalled = ['GET /orders HTTP/1.1\r\nHos', complete.slice(0, -3), request('Content-Length: 1000000\r\n', '{')];
    const ends = stalled.map((text) => converse(api.port, [latin1(text)], { until: () => false, withinMs: 20_000 }));
    for (const { text, outcome } of await Promise.all(ends)) {
      expect(outcome).toBe('closed');
      expect(text).toMatch(/^HTTP\/1\.1 408 [^]*application\/problem\+json/i);
    }
  }, 30_000);
});

describe('afterwards', () => {
  test('exactly the accepted orders stand in the database, and each was started', async () => {
    expect((await api.countRows())['orders']).toBe(accepted);
    expect(new Set(api.started).size).toBe(accepted);
  });

  test('nothing that a client sent is an error of ours', () => {
    expect(api.log.filter((line) => /"level":"(error|fatal|warn)"/.test(line))).toEqual([]);
  });
});
