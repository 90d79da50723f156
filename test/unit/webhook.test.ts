// When a message is tried again, and which URLs may be told.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOpen } from '../../src/adapters/webhook/addresses.ts';
import { retryPauseMs, urlProblem } from '../../src/domain/webhook.ts';
import { webhookSending } from '../../src/runtime/webhook-settings.ts';

const RETRY_PAUSES_MS = webhookSending.WEBHOOK_RETRY_SECONDS.parse(undefined);

describe('a message that was not taken', () => {
  test('is tried again after longer and longer pauses, for days, and then no more', () => {
    const pauses = RETRY_PAUSES_MS.map((_pause, index) =>
      retryPauseMs({ attempts: index + 1, draw: 0, pausesMs: RETRY_PAUSES_MS, askedMs: null }),
    );
    expect(pauses).toEqual([...RETRY_PAUSES_MS]);
    expect(pauses).toEqual([...pauses].sort((one, other) => (one ?? 0) - (other ?? 0)));
    const days = RETRY_PAUSES_MS.reduce((sum, pause) => sum + pause, 0) / 86_400_000;
    expect(Math.round(days * 10) / 10).toBe(3.2);
    const attempts = RETRY_PAUSES_MS.length + 1;
    expect(retryPauseMs({ attempts, draw: 0, pausesMs: RETRY_PAUSES_MS, askedMs: 1 })).toBeNull();
  });

  test('waits a little longer or shorter than others, and as long as was asked for, within the longest pause', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: RETRY_PAUSES_MS.length }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 10 ** 10 }), { nil: null }),
        (attempts, draw, askedMs) => {
          const pauseMs = retryPauseMs({ attempts, draw, pausesMs: RETRY_PAUSES_MS, askedMs }) ?? -1;
          const leastMs = RETRY_PAUSES_MS[attempts - 1] ?? Number.NaN;
          const longestMs = Math.max(...RETRY_PAUSES_MS);
          expect(pauseMs).toBeGreaterThanOrEqual(leastMs);
          expect(pauseMs).toBeGreaterThanOrEqual(Math.min(askedMs ?? 0, longestMs));
          expect(pauseMs).toBeLessThanOrEqual(Math.max(Math.round(leastMs * 1.2), Math.min(askedMs ?? 0, longestMs)));
        },
      ),
    );
  });
});

describe('a URL', () => {
  test.each(['https://shop.example/hooks', 'https://shop.example:8443/a?b=c', 'https://[2001:4860:4860::8888]/'])(
    '%s may be told',
    (url) => {
      expect(urlProblem(url, { loopback: false })).toBeNull();
    },
  );

  test.each([
    ['shop.example/hooks', 'absolute'],
    ['http://shop.example/', 'https'],
    ['ftp://shop.example/', 'https'],
    ['file:///etc/passwd', 'https'],
    ['https://user:secret@shop.example/', 'no user'],
    ['https://shop.example/#here', 'fragment'],
    ['http://127.0.0.1:4000/', 'this machine'],
    ['http://localhost:4000/', 'this machine'],
  ])('%s may not', (url, why) => {
    expect(urlProblem(url, { loopback: false })).toContain(why);
  });

  test('of this machine may be told where that is allowed, and only that by plain http', () => {
    for (const url of ['http://127.0.0.1:4000/', 'http://localhost:4000/', 'http://[::1]:4000/', 'http://2130706433/'])
      expect(urlProblem(url, { loopback: true })).toBeNull();
    expect(urlProblem('http://shop.example/', { loopback: true })).toContain('https');
  });
});

describe('an address', () => {
  test.each(['93.184.216.34', '8.8.8.8', '2001:4860:4860::8888', '::ffff:8.8.8.8'])(
    '%s is of the open internet',
    (address) => {
      expect(isOpen(address, { loopback: false })).toBe(true);
    },
  );

  test.each([
    ...[
      '127.0.0.1',
      '127.9.9.9',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '0.0.0.0',
      '255.255.255.255',
      '224.0.0.1',
    ],
    // What a cloud tells of its machines.
    ...['169.254.169.254', 'fd00:ec2::254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::'],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '2001:db8::1',
      'not an address',
    ],
    ...['192.0.2.1', '198.18.0.1', '203.0.113.1', '240.0.0.1'],
  ])('%s is not', (address) => {
    expect(isOpen(address, { loopback: false })).toBe(false);
  });

  test('of this machine is told where that is allowed, and no other one', () => {
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].map((address) => isOpen(address, { loopback: true }))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['10.0.0.1', '169.254.169.254'].map((address) => isOpen(address, { loopback: true }))).toEqual([
      false,
      false,
    ]);
  });
});
