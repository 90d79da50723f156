/* eslint max-lines: off -- the table of refusals is read beside the contract, in one piece */
// What the contract refuses, rule by rule: each refusal is a problem, writes nothing, shows nothing it should not, and
// leaves the Idempotency-Key free for the corrected request.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProblemSlug } from '../../src/api/middleware/problems.ts';
import {
  ABSENT,
  converse,
  converseInTurn,
  freshKey,
  goodOrder,
  JSON_TYPE,
  placeGood,
  problemOf,
  putProducts,
  send,
  startApi,
} from './support-api.ts';
import type { Answer, Headers, Sent, SupportApi } from './support-api.ts';

/** Name, what is sent, and the problem; where a field is at fault, also the pointer to it. */
type Case<T> = readonly [name: string, sent: T, status: number, slug: ProblemSlug, pointer?: string | undefined];

const CARD = '4242424242424242';
const SPACED = '4242 4242 4242 4242';
const DASHED = '3782-822463-10005';
const cardDigits = [CARD, DASHED.replaceAll('-', '')];
const UNKNOWN_ORDER = 'order_01kax3v7ehe4sbg0krv6m4fxxv';

const good = JSON.stringify(goodOrder);
const order = (patch: object): string => JSON.stringify({ ...goodOrder, ...patch });
const line = (patch: object): string => order({ items: [{ sku: 'beans', quantity: 1, ...patch }] });
const shipTo = (patch: object): string => order({ shipping: { ...goodOrder.shipping, ...patch } });
/** The good order's text with one part replaced: for what JSON.stringify would never write. */
const edit = (part: string, by: string): string => good.replace(part, () => by);
const quantity = (text: string): string => edit('"quantity":2', `"quantity":${text}`);
const customer = (text: string): string => edit('"customer-42"', text);
const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const nested = (depth: number): string =>
  order({ metadata: 'HERE' }).replace('"HERE"', '['.repeat(depth) + ']'.repeat(depth));
const cursorOf = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');
const later = (placedAt: string): string => cursorOf({ placedAt, id: UNKNOWN_ORDER });

const unreadable: Case<string | Uint8Array>[] = [
  ['an empty body', '', 400, 'malformed-json'],
  ['a body of spaces', ' \n\t ', 400, 'malformed-json'],
  ['a cut body', good.slice(0, -1), 400, 'malformed-json'],
  ['a body with something behind it', `${good}x`, 400, 'malformed-json'],
  ['two documents', good + good, 400, 'malformed-json'],
  ['a trailing comma', good.replace(/}$/, ',}'), 400, 'malformed-json'],
  ['single quotes', good.replaceAll('"', "'"), 400, 'malformed-json'],
  ['a comment', `/* hello */${good}`, 400, 'malformed-json'],
  ['NaN', quantity('NaN'), 400, 'malformed-json'],
  ['a hexadecimal number', quantity('0x2'), 400, 'malformed-json'],
  ['a number with a leading zero', quantity('02'), 400, 'malformed-json'],
  ['invalid UTF-8', bytes('{"customerId":"', [0xff, 0xfe], '"}'), 400, 'malformed-json'],
  ['overlong UTF-8', bytes('{"customerId":"', [0xc0, 0x80], '"}'), 400, 'malformed-json'],
  ['a raw surrogate', bytes('{"customerId":"', [0xed, 0xa0, 0x80], '"}'), 400, 'malformed-json'],
  ['UTF-16', Buffer.from(good, 'utf16le'), 400, 'malformed-json'],
  ['two byte order marks', `\ufeff\ufeff${good}`, 400, 'malformed-json'],
  ['a raw NUL in a string', customer('"a\0b"'), 400, 'malformed-json'],
  ['a raw NUL behind the document', `${good}\0`, 400, 'malformed-json'],
  ['the same name twice', edit('{', '{"customerId":"a",'), 400, 'malformed-json', '/customerId'],
  ['the same name twice, once escaped', edit('{', '{"customer\\u0049d":"a",'), 400, 'malformed-json', '/customerId'],
  [
    'the same name twice in a line',
    edit('"quantity":2', '"quantity":1,"quantity":2'),
    400,
    'malformed-json',
    '/items/0/quantity',
  ],
  ['the same name twice in the address', edit('"city"', '"city":"a","city"'), 400, 'malformed-json', '/shipping/city'],
  [
    'the same name twice in the metadata',
    edit('"channel"', '"channel":"a","channel"'),
    400,
    'malformed-json',
    '/metadata/channel',
  ],
  ['__proto__', edit('{', '{"__proto__":{},'), 400, 'malformed-json', '/__proto__'],
  ['__proto__, escaped', edit('{', '{"\\u005f_proto__":{},'), 400, 'malformed-json', '/__proto__'],
  ['__proto__ in the metadata', edit('"channel"', '"__proto__"'), 400, 'malformed-json', '/metadata/__proto__'],
  ['an unsafe integer', quantity('9007199254740993'), 400, 'malformed-json', '/items/0/quantity'],
  ['an unsafe negative integer', quantity('-9007199254740992'), 400, 'malformed-json', '/items/0/quantity'],
  ['1e400', quantity('1e400'), 400, 'malformed-json', '/items/0/quantity'],
  [
    'a fraction that rounds to an integer',
    quantity('1.00000000000000000001'),
    400,
    'malformed-json',
    '/items/0/quantity',
  ],
  ['a number below what can be held', quantity('1e-400'), 400, 'malformed-json', '/items/0/quantity'],
  ['nesting of 17', nested(16), 400, 'malformed-json'],
  ['nesting of thousands', nested(30_000), 400, 'malformed-json'],
  ['more than 64 KiB', good.padEnd(65_537), 413, 'body-too-large'],
  ['megabytes', good.padEnd(3_000_000), 413, 'body-too-large'],
];

const invalid: Case<string>[] = [
  ...['null', 'true', '7', '"text"', '[]', `[${good}]`].map((text): Case<string> => [
    `${text.slice(0, 6)} as the body`,
    text,
    422,
    'invalid-body',
    '',
  ]),
  ['an empty object', '{}', 422, 'invalid-body', '/customerId'],
  ['an unknown field', order({ totalMinor: 1 }), 422, 'invalid-body', '/totalMinor'],
  ['an unknown field with a slash', order({ 'a/b~c': 1 }), 422, 'invalid-body', '/a~1b~0c'],
  ['an unknown field in a line', line({ unitPriceMinor: 1 }), 422, 'invalid-body', '/items/0/unitPriceMinor'],
  ['an unknown field in the address', shipTo({ email: 'x' }), 422, 'invalid-body', '/shipping/email'],
  ['a field named constructor', order({ constructor: {} }), 422, 'invalid-body', '/constructor'],
  ...['customerId', 'items', 'paymentMethod'].map((name): Case<string> => [
    `no ${name}`,
    order({ [name]: undefined }),
    422,
    'invalid-body',
    `/${name}`,
  ]),
  ...['customerId', 'items', 'paymentMethod', 'shipping', 'metadata'].flatMap((name) =>
    [null, 7, true, [7]].map((value): Case<string> => {
      const pointer = name === 'items' && Array.isArray(value) ? '/items/0' : `/${name}`;
      return [`${JSON.stringify(value)} as ${name}`, order({ [name]: value }), 422, 'invalid-body', pointer];
    }),
  ),
  ['an empty customerId', order({ customerId: '' }), 422, 'invalid-body', '/customerId'],
  ['an e-mail address as customerId', order({ customerId: 'ada@example.org' }), 422, 'invalid-body', '/customerId'],
  ['a customerId with a space', order({ customerId: 'a b' }), 422, 'invalid-body', '/customerId'],
  ['a customerId of 129 characters', order({ customerId: 'x'.repeat(129) }), 422, 'invalid-body', '/customerId'],
  ['an empty paymentMethod', order({ paymentMethod: '' }), 422, 'invalid-body', '/paymentMethod'],
  ['a paymentMethod with a space', order({ paymentMethod: 'pm card' }), 422, 'invalid-body', '/paymentMethod'],
  ['no lines', order({ items: [] }), 422, 'invalid-body', '/items'],
  ['an object as items', order({ items: { sku: 'beans', quantity: 1 } }), 422, 'invalid-body', '/items'],
  ['101 lines', order({ items: Array(101).fill({ sku: 'beans', quantity: 1 }) }), 422, 'invalid-body', '/items'],
  ['a line without sku', line({ sku: undefined }), 422, 'invalid-body', '/items/0/sku'],
  ['a line without quantity', line({ quantity: undefined }), 422, 'invalid-body', '/items/0/quantity'],
  ['a number as sku', line({ sku: 7 }), 422, 'invalid-body', '/items/0/sku'],
  ['a sku with a quote', line({ sku: "be'ans" }), 422, 'invalid-body', '/items/0/sku'],
  ['a sku of 65 characters', line({ sku: 'x'.repeat(65) }), 422, 'invalid-body', '/items/0/sku'],
  ...['0', '-1', '-0', '1.5', '10001', '9007199254740991', '1e300', '"2"', 'null', '[2]', 'true', '{}'].map(
    (text): Case<string> =>
      text === '1e300'
        ? ['1e300 as quantity', quantity(text), 400, 'malformed-json', '/items/0/quantity']
        : [`${text} as quantity`, quantity(text), 422, 'invalid-body', '/items/0/quantity'],
  ),
  [
    'a bad line behind a good one',
    order({ items: [goodOrder.items[0], { sku: 'cup', quantity: 0 }] }),
    422,
    'invalid-body',
    '/items/1/quantity',
  ],
  ['a country in lower case', shipTo({ country: 'de' }), 422, 'invalid-body', '/shipping/country'],
  ['an address without a city', shipTo({ city: undefined }), 422, 'invalid-body', '/shipping/city'],
  ['a number in the metadata', order({ metadata: { n: 7 } }), 422, 'invalid-body', '/metadata/n'],
  ['an object in the metadata', order({ metadata: { n: {} } }), 422, 'invalid-body', '/metadata/n'],
  [
    '21 entries in the metadata',
    order({ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, ''])) }),
    422,
    'invalid-body',
    '/metadata',
  ],
  ['an escaped NUL', customer('"a\\u0000b"'), 422, 'invalid-body', '/customerId'],
  ['an escaped NUL in a metadata name', edit('"channel"', '"a\\u0000"'), 422, 'invalid-body', '/metadata'],
  ['a high surrogate alone, escaped', customer('"\\ud83d"'), 422, 'invalid-body', '/customerId'],
  ['a low surrogate alone, escaped', edit('"web"', '"\\udc00x"'), 422, 'invalid-body', '/metadata/channel'],
  ['swapped surrogates, escaped', edit('"channel"', '"\\udc00\\ud83d"'), 422, 'invalid-body', '/metadata'],
  ['a card number as customerId', order({ customerId: CARD }), 422, 'invalid-body', '/customerId'],
  ['a card number in a customerId', order({ customerId: `c/${CARD}/1` }), 422, 'invalid-body', '/customerId'],
  ['a card number as paymentMethod', order({ paymentMethod: DASHED }), 422, 'invalid-body', '/paymentMethod'],
  ['a card number as sku', line({ sku: CARD }), 422, 'invalid-body', '/items/0/sku'],
  ...['name', 'line1', 'line2', 'city', 'postalCode', 'country'].flatMap((name) =>
    [SPACED, `to ${DASHED}!`].map((card): Case<string> => [
      `${card.length} of a card number as ${name}`,
      shipTo({ [name]: card }),
      422,
      'invalid-body',
      `/shipping/${name}`,
    ]),
  ),
  [
    'a card number in the metadata',
    order({ metadata: { note: `card ${SPACED}, thanks` } }),
    422,
    'invalid-body',
    '/metadata/note',
  ],
  ['a card number, escaped', edit('"web"', '"\\u0034242424242424242"'), 422, 'invalid-body', '/metadata/channel'],
  ['a card number as a metadata name', order({ metadata: { [SPACED]: 'x' } }), 422, 'invalid-body', '/metadata'],
  ['a card number as an unknown field', order({ [CARD]: 'x' }), 422, 'invalid-body', ''],
  ['a card number as an unknown field of a line', line({ [DASHED]: 'x' }), 422, 'invalid-body', '/items/0'],
  ['a card number in an unknown field', order({ card: { number: CARD } }), 422, 'invalid-body', '/card/number'],
  ['a card number as a JSON number', customer(CARD), 422, 'invalid-body', '/customerId'],
  ['an unknown sku', line({ sku: 'nothing' }), 422, 'unknown-sku', '/items/0/sku'],
  [
    'mixed currencies',
    order({ items: [...goodOrder.items, { sku: 'tea', quantity: 1 }] }),
    422,
    'mixed-currencies',
    '/items',
  ],
  [
    'too many of a sku over its lines',
    order({
      items: [
        { sku: 'cup', quantity: 10_000 },
        { sku: 'cup', quantity: 1 },
      ],
    }),
    422,
    'amount-too-large',
    '/items/0/quantity',
  ],
  [
    'a total above what can be charged',
    order({ items: ['beans', 'cup'].map((sku) => ({ sku, quantity: 10_000 })), metadata: {} }),
    422,
    'amount-too-large',
    '/items',
  ],
];

const cardTwice = `{"${CARD}":1,"${CARD}":2}`;
const json = (...headers: Headers): Headers => [JSON_TYPE, ...headers];
const typed = (...headers: Headers): Omit<Sent, 'method' | 'path'> => ({ headers });
const withheld: Case<Omit<Sent, 'method' | 'path'>>[] = [
  ...[
    '',
    'text/plain',
    'text/json',
    'application/json5',
    'application/problem+json',
    'application/x-www-form-urlencoded',
  ].map((type): Case<Omit<Sent, 'method' | 'path'>> => [
    `the content type "${type}"`,
    typed(['Content-Type', type]),
    415,
    'unsupported-media-type',
  ]),
  ['no content type', typed(), 415, 'unsupported-media-type'],
  [
    'the charset latin1',
    typed(['Content-Type', 'application/json; charset=iso-8859-1']),
    415,
    'unsupported-media-type',
  ],
  ['the charset UTF-16', typed(['Content-Type', 'application/json;charset=utf-16']), 415, 'unsupported-media-type'],
  [
    'a compressed body',
    { headers: json(['Content-Encoding', 'gzip']), body: gzipSync(good) },
    415,
    'unsupported-media-type',
  ],
  ['a body that says it is brotli', { headers: json(['Content-Encoding', 'br']) }, 415, 'unsupported-media-type'],
  ['an expectation that nobody knows', { headers: json(['Expect', 'the-inquisition']) }, 417, 'expectation-failed'],
  ...['not-100-continue', '100-continued', '100-continue, 100-continue', 'x="100-continue"'].map(
    (expected): Case<Omit<Sent, 'method' | 'path'>> => [
      `the expectation ${expected}`,
      { headers: json(['Expect', expected]) },
      417,
      'expectation-failed',
    ],
  ),
  ['no Host', { headers: json(['Host', ABSENT]) }, 400, 'malformed-request'],
  ['two Hosts', { headers: json(['Host', 'a'], ['Host', 'b']) }, 400, 'malformed-request'],
  ['a bad correlation id', { headers: json(['X-Correlation-Id', 'a b']) }, 400, 'invalid-header', '/x-correlation-id'],
  [
    'two correlation ids',
    { headers: json(['X-Correlation-Id', 'a'], ['X-Correlation-Id', 'b']) },
    400,
    'invalid-header',
    '/x-correlation-id',
  ],
  ['a card number as correlation id', { headers: json(['X-Correlation-Id', CARD]) }, 400, 'invalid-header'],
  ['a card number to prefer', { headers: json(['Prefer', `wait=1, ${SPACED}`]) }, 400, 'invalid-header'],
  ['a card number as a name, twice', { headers: json(), body: cardTwice }, 400, 'malformed-json', '/?'],
];

const key = (value: string): Headers => json(['Idempotency-Key', value]);
const badKeys: Case<Headers>[] = [
  ['no key', json(), 400, 'missing-idempotency-key'],
  ['an empty key', key(''), 400, 'invalid-idempotency-key'],
  ['a key of 256 characters', key('k'.repeat(256)), 400, 'invalid-idempotency-key'],
  ['a key with a space', key('a b'), 400, 'invalid-idempotency-key'],
  ['a key with a tab', key('a\tb'), 400, 'invalid-idempotency-key'],
  ['a key with a comma', key('a,b'), 400, 'invalid-idempotency-key'],
  ['a key beyond ASCII', key('schlüssel'), 400, 'invalid-idempotency-key'],
  ['two keys', [...key('a'), ['Idempotency-Key', 'b']], 400, 'invalid-idempotency-key'],
  ['the same key twice', [...key('a'), ['idempotency-key', 'a']], 400, 'invalid-idempotency-key'],
  ['a card number as key', key(CARD), 400, 'invalid-idempotency-key'],
  ['a card number with dashes as key', key(`pay-${DASHED}`), 400, 'invalid-idempotency-key'],
];

const at = (path: string, headers: Headers = []): Sent => ({ method: 'GET', path, headers });
const verb = (method: string, path: string): Sent => ({ method, path });
const query = (path: string, pointer?: string): Case<Sent> => [path, at(path), 400, 'invalid-query', pointer];
const cursor = (path: string): Case<Sent> => [path, at(path), 400, 'invalid-cursor'];
const lost = (path: string, slug: ProblemSlug = 'not-found'): Case<Sent> => [path, at(path), 404, slug];
const resume = (value: string): Case<Sent> => [
  `Last-Event-ID ${value.slice(0, 24)}`,
  at('/events', [['Last-Event-ID', value]]),
  400,
  'invalid-header',
  '/last-event-id',
];
const reads: Case<Sent>[] = [
  ...['0', '101', '-1', '1.5', 'ten', '', '1e1', '%20', '9999'].map((limit) =>
    query(`/orders?limit=${limit}`, '/limit'),
  ),
  query('/orders?limit=5&limit=5', '/limit'),
  query('/orders?status=lost', '/status'),
  query('/orders?status=placed&status=placed', '/status'),
  query('/orders?attention=maybe', '/attention'),
  query('/orders?customerId=ada%40example.org', '/customerId'),
  query('/orders?customerId=', '/customerId'),
  query('/orders?correlationId=a%20b', '/correlationId'),
  ...['yesterday', '2026-01-31', '2026-02-30T00:00:00Z', '2026-01-01T25:00:00Z', '0000-01-01T00:00:00Z'].map(
    (instant) => query(`/orders?placedAfter=${instant}`, '/placedAfter'),
  ),
  query('/orders?placedBefore=2026-01-01T00:00:00%2B23:59', '/placedBefore'),
  query(`/orders?placedBefore=2026-01-01T00:00:00.${'1'.repeat(200)}Z`, '/placedBefore'),
  query('/orders?colour=red', '/colour'),
  query('/orders?__proto__=x', '/__proto__'),
  query('/orders?=x', '/'),
  query(`/orders?customerId=${CARD}`),
  query(`/orders?${CARD}=x`),
  query('/orders?customerId=a%00'),
  ...['%ff', '%c0%80', '%ed%a0%80', '%zz', '%'].map((text) => query(`/orders?customerId=${text}`)),
  query('/orders?%ff=x'),
  query('/orders?cursor=%ff'),
  [
    'an unknown parameter behind a thousand others',
    at(`/orders?${'limit=5&'.repeat(1_000)}colour=red`),
    400,
    'invalid-query',
    '/colour',
  ],
  query(`/orders/${UNKNOWN_ORDER}?full=1`, '/full'),
  query('/products?limit=1000', '/limit'),
  query('/products?sort=sku', '/sort'),
  ...['-1', 'x', '1.5', '1e3', '', '99999999999999999999'].map((after) => query(`/events?after=${after}`, '/after')),
  query('/events?after=1&after=2', '/after'),
  query('/events?type=order.lost', '/type/0'),
  query('/events?type=', '/type/0'),
  query('/events?from=1', '/from'),
  [
    'a query on a POST',
    { method: 'POST', path: '/orders?dryRun=1', headers: key('a'), body: good },
    400,
    'invalid-query',
    '/dryRun',
  ],
  cursor('/orders?cursor=rubbish'),
  cursor(`/orders?cursor=${cursorOf(null)}`),
  cursor(`/orders?cursor=${cursorOf({ sku: 'beans' })}`),
  cursor(`/orders?cursor=${later('tomorrow')}`),
  cursor(`/orders?cursor=${later('9999-99-99 99:99:99+99')}`),
  cursor(`/orders?cursor=${later('2026-02-30 00:00:00+00')}`),
  cursor(`/orders?cursor=${later('0000-01-01 00:00:00+00')}`),
  cursor(`/orders?cursor=${later('2026-01-01 00:00:00+23:59')}`),
  cursor(`/orders?cursor=${cursorOf({ placedAt: '2026-01-01 00:00:00+00', id: 'order_x' })}`),
  cursor(`/orders?cursor=${cursorOf({ placedAt: '2026-01-01 00:00:00+00', id: UNKNOWN_ORDER, more: 1 })}`),
  cursor('/products?cursor=rubbish'),
  cursor(`/products?cursor=${later('2026-01-01 00:00:00+00')}`),
  cursor(`/products?cursor=${cursorOf({ sku: '\0' })}`),
  cursor(`/products?cursor=${cursorOf({ sku: 7 })}`),
  lost(`/orders/${UNKNOWN_ORDER}`, 'order-not-found'),
  lost(`/orders/${UNKNOWN_ORDER}/events`, 'order-not-found'),
  lost('/orders/1', 'order-not-found'),
  lost(`/orders/${UNKNOWN_ORDER.toUpperCase()}`, 'order-not-found'),
  lost(`/orders/${CARD}`),
  lost('/orders/%00'),
  lost('/products/nothing', 'product-not-found'),
  lost(`/products/${'x'.repeat(65)}`),
  lost('/'),
  lost('/order'),
  lost('/orders/a/b/c'),
  lost('/docs/assets/nothing.css'),
  lost('/docs/assets/../../package.json'),
  lost('/docs/assets/%c0%af'),
  lost('/problems/nothing'),
  lost('/problems/constructor'),
  ...['/orders/%', '/orders/%zz', '/orders/%ff', '/products/%e0%a4', '/problems/%'].map((path): Case<Sent> => [
    path,
    at(path),
    400,
    'malformed-request',
  ]),
  ...['rubbish', '-1', '1.5', '', '1e3', '9'.repeat(30), '1\xff'].map(resume),
  [
    'two Last-Event-IDs',
    at('/events', [
      ['Last-Event-ID', '1'],
      ['Last-Event-ID', '2'],
    ]),
    400,
    'invalid-header',
    '/last-event-id',
  ],
];

const verbs: (readonly [Sent, string])[] = [
  [verb('DELETE', '/orders'), 'POST, GET, HEAD'],
  [verb('PUT', '/orders/x'), 'GET, HEAD'],
  [verb('POST', '/orders/x/events'), 'GET, HEAD'],
  [verb('POST', '/events'), 'GET, HEAD'],
  [verb('PATCH', '/products/beans'), 'PUT, GET, HEAD'],
  [verb('DELETE', '/products'), 'GET, HEAD'],
  [verb('DELETE', '/products/beans/stock-adjustments'), 'POST, GET, HEAD'],
  [verb('GET', '/orders/x/cancel'), 'POST'],
  [verb('TRACE', '/healthz'), 'GET, HEAD'],
  [verb('PROPFIND', '/readyz'), 'GET, HEAD'],
  [verb('POST', '/openapi.json'), 'GET, HEAD'],
  [verb('DELETE', '/docs'), 'GET, HEAD'],
  [verb('POST', '/docs/assets/swagger-ui.css'), 'GET, HEAD'],
  [verb('DELETE', '/docs/assets/nothing.css'), 'GET, HEAD'],
  [verb('PUT', '/problems/not-found'), 'GET, HEAD'],
];

const product = { name: 'Beans', priceMinor: 1, currency: 'EUR', onHand: 1 };
const put = (name: string, patch: object | string, pointer?: string, status = 422): Case<Sent> => {
  const body = typeof patch === 'string' ? patch : JSON.stringify({ ...product, ...patch });
  const sent: Sent = { method: 'PUT', path: '/products/beans', headers: json(), body };
  return [name, sent, status, status === 422 ? 'invalid-body' : 'malformed-json', pointer];
};
const puts: Case<Sent>[] = [
  put('an unknown field', { reserved: 1 }, '/reserved'),
  put('a name of spaces', { name: '  ' }, '/name'),
  put('a card number as name', { name: SPACED }, '/name'),
  put('a negative price', { priceMinor: -1 }, '/priceMinor'),
  put('a fractional price', { priceMinor: 0.5 }, '/priceMinor'),
  put('a price as text', { priceMinor: '1' }, '/priceMinor'),
  put('a currency in lower case', { currency: 'eur' }, '/currency'),
  put('a negative stock', { onHand: -1 }, '/onHand'),
  put('a stock beyond any warehouse', { onHand: 1_000_000_001 }, '/onHand'),
  put('no stock', { onHand: undefined }, '/onHand'),
  put(
    'a price that rounds to an integer',
    JSON.stringify(product).replace(':1', ':0.99999999999999999999'),
    '/priceMinor',
    400,
  ),
  put('the same name twice', JSON.stringify(product).replace('{', '{"name":"a",'), '/name', 400),
  [
    'a sku with a space',
    { method: 'PUT', path: '/products/a%20b', headers: json(), body: JSON.stringify(product) },
    404,
    'not-found',
  ],
  [
    'a card number as sku',
    { method: 'PUT', path: `/products/${CARD}`, headers: json(), body: JSON.stringify(product) },
    404,
    'not-found',
  ],
];

/** As many as a product can have. */
const MOST = 1_000_000_000;
const adjustment = { delta: 1, reason: 'counted' };
const adjust = (patch: object): string => JSON.stringify({ ...adjustment, ...patch });
const adjustments: Case<string>[] = [
  ['a delta of zero', adjust({ delta: 0 }), 422, 'invalid-body', '/delta'],
  ['a fractional delta', adjust({ delta: 1.5 }), 422, 'invalid-body', '/delta'],
  ['a delta as text', adjust({ delta: '1' }), 422, 'invalid-body', '/delta'],
  ['a delta beyond any warehouse', adjust({ delta: -1_000_000_001 }), 422, 'invalid-body', '/delta'],
  ['no reason', adjust({ reason: undefined }), 422, 'invalid-body', '/reason'],
  ['a card number as reason', adjust({ reason: `see ${SPACED}` }), 422, 'invalid-body', '/reason'],
  ['an unknown field', adjust({ place: 'main' }), 422, 'invalid-body', '/place'],
  ['a warehouse that is none', adjust({ warehouse: 'nowhere' }), 422, 'unknown-warehouse', '/warehouse'],
  ['a warehouse with a space', adjust({ warehouse: 'no where' }), 422, 'invalid-body', '/warehouse'],
  ['more on hand than can be', adjust({ delta: MOST }), 409, 'stock-above-limit'],
  ['less than nothing on hand', adjust({ delta: -900_000_000 }), 409, 'stock-below-reserved'],
  ['an unsafe integer', '{"delta":9007199254740993,"reason":"x"}', 400, 'malformed-json', '/delta'],
];

let api: SupportApi;
let accepted = 0;

beforeAll(async () => {
  api = await startApi();
  await putProducts(api.port);
});

afterAll(async () => {
  await api.close();
});

/** Sends what must be refused as the case says, and checks that nothing came of it. */
async function expectRefusal(sent: Sent, [, , status, slug, pointer]: Case<unknown>): Promise<Answer> {
  const before = await api.countRows();
  const answer = await send(api.port, sent);
  const problem = problemOf(answer);
  expect(problem).toMatchObject({ type: `/problems/${slug}`, status });
  if (pointer !== undefined) expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  for (const digits of cardDigits) expect(answer.text.replace(/[ -]/g, '')).not.toContain(digits);
  expect(await api.countRows()).toEqual(before);
  return answer;
}

/** The key of a refused request binds nothing: a good request under it is the first. */
async function expectFree(idempotencyKey: string): Promise<void> {
  const answer = await placeGood(api.port, idempotencyKey);
  expect(answer.status).toBe(202);
  expect(answer.headers['idempotency-replayed']).toBeUndefined();
  accepted += 1;
}

const posted = (idempotencyKey: string, body: string | Uint8Array): Sent => ({
  method: 'POST',
  path: '/orders',
  headers: key(idempotencyKey),
  body,
});

describe('POST /orders', () => {
  test.each([...unreadable, ...invalid])('refuses %s and leaves its key free', async (...refused) => {
    const idempotencyKey = freshKey();
    await expectRefusal(posted(idempotencyKey, refused[1]), refused);
    await expectFree(idempotencyKey);
  });

  test.each(withheld)('refuses %s and leaves its key free', async (...refused) => {
    const idempotencyKey = freshKey();
    const [, { headers = [], body = good }] = refused;
    const sent: Sent = {
      method: 'POST',
      path: '/orders',
      headers: [...headers, ['Idempotency-Key', idempotencyKey]],
      body,
    };
    await expectRefusal(sent, refused);
    await expectFree(idempotencyKey);
  });

  test.each(badKeys)('refuses %s', async (...refused) => {
    await expectRefusal({ method: 'POST', path: '/orders', headers: refused[1], body: good }, refused);
  });

  test('refuses a bound key with another body, and repeats the first answer for the same one', async () => {
    const idempotencyKey = freshKey();
    const first = await placeGood(api.port, idempotencyKey);
    accepted += 1;
    const other = posted(idempotencyKey, order({ customerId: 'somebody-else' }));
    await expectRefusal(other, ['', other, 422, 'idempotency-key-reused']);
    const repeat = await placeGood(api.port, idempotencyKey);
    expect([repeat.status, repeat.text, repeat.headers['idempotency-replayed']]).toEqual([202, first.text, 'true']);
  });

  test.each([
    ['100 lines', order({ items: Array(100).fill({ sku: 'cup', quantity: 1 }) })],
    ['exactly 64 KiB', good.padEnd(65_536)],
    [
      'whole numbers written with a point or an exponent',
      edit('"quantity":2', '"quantity":2.0').replace('2.0', '0.2e1'),
    ],
    ['a byte order mark (RFC 8259 lets a parser ignore it)', `\ufeff${good}`],
    ['a surrogate pair, escaped', edit('"web"', '"\\ud83d\\ude00"')],
    ['digits that are part of a word', order({ customerId: `A${CARD}` })],
    ['16 digits that fail the Luhn check', order({ customerId: '4242424242424241' })],
    ['a metadata name that objects inherit', order({ metadata: { constructor: 'x', toString: 'y' } })],
  ])('still accepts %s', async (_name, body) => {
    const answer = await send(api.port, posted(freshKey(), body));
    expect([answer.status, answer.text]).toEqual([202, expect.stringContaining('"placed"')]);
    accepted += 1;
  });

  test('keeps an answer short, however many fields are wrong', async () => {
    const wrong = order({ items: Array(15_000).fill({}) });
    const duplicates = `{${'"a":1,'.repeat(9_000)}"a":1}`;
    for (const body of [wrong, duplicates]) {
      const answer = await send(api.port, posted(freshKey(), body));
      expect(problemOf(answer).errors?.length).toBeGreaterThan(0);
      expect(answer.text.length).toBeLessThan(65_536);
    }
  });
});

describe('reading', () => {
  test.each(reads)('refuses %s', async (...refused) => {
    await expectRefusal(refused[1], refused);
  });

  test('takes a Last-Event-ID beyond the last event of an order', async () => {
    const placed = await placeGood(api.port, freshKey());
    accepted += 1;
    const { id } = JSON.parse(placed.text) as { id: string };
    const head = `GET /orders/${id}/events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nLast-Event-ID: 999999999999999\r\n\r\n`;
    const { text, outcome } = await converse(api.port, [Buffer.from(head)], { until: () => false, withinMs: 500 });
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    // The stream waits for what comes; it is not cut off by an error.
    expect(outcome).toBe('hanging');
  });

  test('answers a HEAD for a stream and is done with it', async () => {
    const head = 'HEAD /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n';
    const { outcome } = await converse(api.port, [Buffer.from(head)], { until: () => false, withinMs: 3_000 });
    expect(outcome).toBe('closed');
  });
});

describe('what the parser refuses', () => {
  test.each([
    ['headers above 16 KiB', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['rubbish', 'rubbish\r\n\r\n', 400],
    ['CONNECT', 'CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ])('is a problem also on a connection that was used before: %s', async (_name, head, status) => {
    const good_ = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
    for (const requests of [[head], [good_, head]]) {
      const answers = await converseInTurn(api.port, requests);
      expect(answers).toHaveLength(requests.length);
      expect(answers.at(-1)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*application/problem\\+json[^]*"type":`));
      if (status === 405) expect(answers.at(-1)).toMatch(/^Allow: /m);
    }
  });
});

describe('other verbs', () => {
  test.each(verbs.map(([sent, allow]): [string, Sent, string] => [`${sent.method} ${sent.path}`, sent, allow]))(
    'refuses %s and says what is possible',
    async (name, sent, allow) => {
      const answer = await expectRefusal(sent, [name, sent, 405, 'method-not-allowed']);
      expect(answer.headers['allow']).toBe(allow);
    },
  );
});

describe('products', () => {
  test.each(puts)('refuses to put %s', async (...refused) => {
    await expectRefusal(refused[1], refused);
  });

  const adjusting = (headers: Headers, body = adjust({}), sku = 'beans'): Sent => ({
    method: 'POST',
    path: `/products/${sku}/stock-adjustments`,
    headers,
    body,
  });

  test.each(adjustments)('refuses to adjust the stock by %s and leaves its key free', async (...refused) => {
    const headers = key(freshKey());
    await expectRefusal(adjusting(headers, refused[1]), refused);
    const answer = await send(api.port, adjusting(headers));
    expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([200, undefined]);
  });

  test.each(badKeys)('refuses to adjust the stock with %s', async (...refused) => {
    await expectRefusal(adjusting(refused[1]), refused);
  });

  test.each([
    ['text', [['Content-Type', 'text/plain']], 415, 'unsupported-media-type'],
    ['a query', json(), 400, 'invalid-query', '/x'],
  ] as Case<Headers>[])('refuses to adjust the stock with %s', async (...refused) => {
    const sent = adjusting([...refused[1], ['Idempotency-Key', freshKey()]]);
    await expectRefusal(refused[3] === 'invalid-query' ? { ...sent, path: `${sent.path}?x=1` } : sent, refused);
  });

  test('knows no stock of an unknown product', async () => {
    await expectRefusal(adjusting(key(freshKey()), adjust({}), 'nothing'), ['', '', 404, 'product-not-found']);
  });

  test('refuses the key of an order for an adjustment, and the key of an adjustment for an order', async () => {
    const [ofOrder, ofAdjustment] = [freshKey(), freshKey()];
    await placeGood(api.port, ofOrder);
    accepted += 1;
    await send(api.port, adjusting(key(ofAdjustment)));
    await expectRefusal(adjusting(key(ofOrder)), ['', '', 422, 'idempotency-key-reused']);
    await expectRefusal(posted(ofAdjustment, good), ['', '', 422, 'idempotency-key-reused']);
  });
});

describe('afterwards', () => {
  test('exactly the accepted orders were started', async () => {
    expect(api.started.length).toBe(accepted);
    expect((await api.countRows())['orders']).toBe(accepted);
  });

  test('no card number was logged, and nothing that a client sent is an error of ours', () => {
    const logged = api.log.join('\n').replace(/[ -]/g, '');
    for (const digits of cardDigits) expect(logged).not.toContain(digits);
    expect(api.log.filter((line_) => /"level":"(error|fatal|warn)"/.test(line_))).toEqual([]);
  });
});
