import { describe, expect, test } from '@jest/globals';
import { duration, money, parseMoney, readable, upTo } from '../../../console/src/lib/format.ts';
import { adviceOf, decodeProblem, errorAt } from '../../../console/src/lib/problem.ts';
import { meaningOf, readFilters, toSearch } from '../../../console/src/lib/query.ts';

describe('amounts', () => {
  test('are shown and read in the digits of their currency', () => {
    expect(money(1_250, 'EUR')).toMatch(/12[.,]50/);
    expect(money(1_250, 'JPY')).toMatch(/1[.,]?250/);
    expect(parseMoney('12.5', 'EUR')).toBe(1_250);
    expect(parseMoney('12,50', 'EUR')).toBe(1_250);
    expect(parseMoney('1250', 'JPY')).toBe(1_250);
    expect(parseMoney('1.001', 'KWD')).toBe(1_001);
  });

  test('are refused where they are none, rather than guessed', () => {
    for (const text of ['', '-1', '1.234', '1.2.3', '1e3', 'ten', '12.5 EUR'])
      expect(parseMoney(text, 'EUR')).toBeNull();
    expect(parseMoney('12.5', 'JPY')).toBeNull();
  });
});

test('durations say their two largest units', () => {
  const said = [0, 80, 4_200, 59_000, 61_000, 3_600_000, 90_000_000].map(duration);
  expect(said).toEqual(['0 ms', '80 ms', '4.2 s', '59 s', '1 min 1 s', '1 h', '1 d 1 h']);
});

test('what the service says is made readable: amounts, instants, no hint at the API', () => {
  const said = readable('Sold for 1000 EUR (minor units), since 2026-01-31T12:00:00.000Z (POST /orders/x/cancel).');
  expect(said).toContain(money(1_000, 'EUR'));
  expect(said).not.toMatch(/minor units|POST|T12:00/);
});

test('a count that was cut says so', () => {
  expect([upTo(7, 10), upTo(10, 10)]).toEqual(['7', '10+']);
});

describe('problems', () => {
  const text = JSON.stringify({
    ...{ type: '/problems/invalid-body', title: 'The body is not valid', detail: 'See errors' },
    errors: [{ pointer: '/items/0/sku', message: 'not known' }],
  });

  test('are read, with what is wrong with each field', () => {
    const problem = decodeProblem(422, text);
    expect(errorAt(problem, '/items')).toBe('not known');
    expect(errorAt(problem, '/item')).toBeNull();
  });

  test('say what to do, also where nobody or somebody else has answered', () => {
    expect(decodeProblem(0, '')).toMatchObject({ title: 'No answer came' });
    expect(decodeProblem(502, '<html>Bad gateway</html>')).toMatchObject({ status: 502 });
    for (const status of [0, 401, 403, 412, 429, 503]) expect(adviceOf(decodeProblem(status, ''))).not.toBeNull();
  });
});

describe('filters', () => {
  test('come back from the URL as they went in, and nothing else does', () => {
    const filters = { status: 'placed', customerId: 'a&b' };
    expect(readFilters(toSearch({ ...filters, waiting: '' }), ['status', 'customerId', 'waiting'])).toEqual(filters);
    expect(readFilters('?status=&other=1', ['status'])).toEqual({});
    expect(toSearch({})).toBe('');
  });

  test('an id goes to its order, anything else is a customer', () => {
    expect(meaningOf(' order_01kax3v7ehe4sbg0krv6m4fxxv ')).toEqual({ orderId: 'order_01kax3v7ehe4sbg0krv6m4fxxv' });
    expect(meaningOf('customer-7')).toEqual({ filter: { customerId: 'customer-7' } });
    expect(meaningOf('  ')).toBeNull();
  });
});
