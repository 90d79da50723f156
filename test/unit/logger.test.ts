import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createLogger } from '../../src/runtime/logger.ts';
import { scrub } from '../../src/runtime/log-scrub.ts';

function logging(): { log: ReturnType<typeof createLogger>; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const log = createLogger({ name: 'test', level: 'debug', to: { write: (line) => void written.push(line) } });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('a line of the log', () => {
  test.each([
    ['a card number', 'card 4242 4242 4242 4242 was', 'card [number] was'],
    ['one without spaces', '"4242424242424242"', '"[number]"'],
    ['an e-mail address', 'mail jane.doe+shop@mail.example.com now', 'mail [e-mail] now'],
    ['a key of Stripe', 'key sk_live_51Habc_X', 'key [redacted]'],
    ['a signing secret', 'with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=', 'with [redacted]'],
    ['a key of ours', 'key dok_1a2b3c_Secret-1 was', 'key [redacted] was'],
    ['a client secret', 'pi_1_secret_abc', 'pi_1[redacted]'],
    ['a header', 'Authorization: Bearer abcdefgh.ijkl', 'Authorization: Bearer [redacted]'],
    [
      'a password',
      'postgres://orders:s3cr3t@db.internal:5432/orders',
      'postgres://orders:[redacted]@db.internal:5432/orders',
    ],
  ])('never holds %s', (_what, text, left) => {
    expect(scrub(text)).toBe(left);
  });

  test.each([
    '2026-11-27T09:13:22.345Z',
    'order_01kax3v7ehe4sbg0krv6m4fxxv',
    '"pid":12345,"latencyMs":1234.5678',
    'pi_3Nabc4242424242424242',
    '8b1a9953-c461-1296-a827-abf8c47804d7',
    'http://127.0.0.1:3000/orders',
    '"position":123456789012',
  ])('keeps %s', (text) => {
    expect(scrub(text)).toBe(text);
  });
});

test.each(['a', 'a.', '1', '1 ', 'a@', 'a:', '://', 'Bearer ', 'sk_'])(
  'a long line of %j is looked through once',
  (piece) => {
    expect(scrub(piece.repeat(400_000)).length).toBeGreaterThan(0);
  },
);

test('of an error of the database the row is not told, and which constraint it was is', () => {
  const { log, lines } = logging();
  const error = Object.assign(new pg.DatabaseError('violates check constraint', 1, 'error'), {
    ...{ code: '23514', constraint: 'orders_total', table: 'orders' },
    ...{ detail: 'Failing row contains (Jane Doe, 1 Secret Street)', where: 'Jane Doe' },
  });
  log.error({ err: new Error('could not commit', { cause: error }) }, 'a request failed');
  const [line] = lines();
  expect(JSON.stringify(line)).not.toMatch(/Jane|Secret Street/);
  expect(line).toMatchObject({
    msg: 'a request failed',
    err: { message: 'could not commit', cause: { code: '23514', constraint: 'orders_total', table: 'orders' } },
  });
});

test('a number as long as a card’s leaves the line what it is', () => {
  const { log, lines } = logging();
  log.info({ at: 4242424242424242, all: [4242424242424242, 1] }, '4242424242424242');
  expect(lines()).toMatchObject([{ at: 0, all: [0, 1], msg: '[number]' }]);
});

test('an error that is its own cause is told, too', () => {
  const { log, lines } = logging();
  const error: Error = new Error('round and round');
  error.cause = new AggregateError([error], 'and round', { cause: error });
  log.error({ err: error }, 'no');
  expect(lines()).toMatchObject([{ err: { message: 'round and round', cause: { message: 'and round' } } }]);
});

test('all of several errors are told', () => {
  const { log, lines } = logging();
  log.warn({ err: new AggregateError([new Error('one'), new Error('other')], 'both') }, 'no');
  expect(lines()).toMatchObject([{ level: 'warn', err: { errors: [{ message: 'one' }, { message: 'other' }] } }]);
});
