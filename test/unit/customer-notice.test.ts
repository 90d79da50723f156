// What customers are told of, and in which words.
import { describe, expect, test } from '@jest/globals';
import { eventTypes } from '../../src/contracts/events.ts';
import {
  isMoot,
  noticeKinds,
  noticeName,
  noticeNamePattern,
  noticeOf,
  type NoticeKind,
} from '../../src/domain/customer-notice.ts';
import { formatMoney } from '../../src/domain/money.ts';
import {
  placeholdersIn,
  placeholdersOf,
  writeNotice,
  type NoticeFacts,
  type Wordings,
} from '../../src/domain/notice-text.ts';
import { german } from '../../src/domain/notice-words-de.ts';
import { english } from '../../src/domain/notice-words-en.ts';

const wordings: Wordings = { en: english, de: german };
const style = {
  shop: 'Books & Co',
  orderUrl: 'https://shop.example/o/{order}',
  locale: 'en',
  timeZone: 'Europe/Berlin',
};
const facts: NoticeFacts = {
  ...{ kind: 'confirmed', orderId: 'order_1', name: 'Jane', currency: 'EUR', totalMinor: 123_450, refundedMinor: 0 },
  items: [{ sku: 'book', name: 'A book', quantity: 2, unitPriceMinor: 61_725 }],
  ...{ units: [{ sku: 'book', quantity: 1 }], amountMinor: 500, rejectionCode: 'payment.declined' },
  ...{ trackingNumber: 'T-1', until: '2026-07-01T12:00:00.000Z' },
};
const write = (change: Partial<NoticeFacts>, locale: string | null = null, more: Partial<typeof style> = {}) =>
  writeNotice({ ...facts, ...change }, { locale, style: { ...style, ...more }, wordings });

describe('which events customers are told of', () => {
  test('each kind comes of one type of event, and every name is one that the API takes', () => {
    const numbers = { ordinal: 2, number: 3 };
    const found = eventTypes.flatMap((type) => noticeOf({ type, data: numbers }) ?? []);
    expect(found.map(({ kind }) => kind).sort()).toEqual([...noticeKinds].sort());
    for (const notice of found) expect(noticeName(notice)).toMatch(noticeNamePattern);
    expect(noticeName({ kind: 'shipped', number: 3 })).toBe('shipped-3');
  });

  test('a parcel that left although it was kept back is looked at by a person first', () => {
    const data = { number: 1, wasCancelled: true };
    expect(noticeOf({ type: 'shipment.dispatched', data })).toBeNull();
    expect(() => noticeOf({ type: 'shipment.dispatched', data: {} })).toThrow('a number');
  });

  test('who has paid meanwhile, or whose order is over, is not asked to', () => {
    const until = '2026-01-01T00:00:00.000Z';
    expect(isMoot('payment-action', { waiting: { for: 'customer', until }, until })).toBe(false);
    expect(isMoot('payment-action', { waiting: null, until })).toBe(true);
    expect(isMoot('payment-method', { waiting: { for: 'review', until }, until })).toBe(true);
    // It waits for another try by now.
    expect(isMoot('payment-method', { waiting: { for: 'customer', until }, until: '2026-01-02T00:00:00.000Z' })).toBe(
      true,
    );
    expect(isMoot('confirmed', { waiting: null, until: undefined })).toBe(false);
  });
});

describe('the words', () => {
  test.each(Object.entries(wordings))(
    'in %s are there for every kind, and speak of nothing that is not known',
    (_, { templates }) => {
      expect(Object.keys(templates).sort()).toEqual([...noticeKinds].sort());
      for (const [kind, { subject, text }] of Object.entries(templates))
        expect([
          kind,
          placeholdersIn(subject + text).filter(
            (name) => !(placeholdersOf(kind as NoticeKind) as string[]).includes(name),
          ),
        ]).toEqual([kind, []]);
    },
  );

  test('tell what was ordered', () => {
    expect(write({})).toEqual({
      subject: 'Your order order_1 is confirmed',
      language: 'en',
      text: `Dear Jane,

thank you for your order. It is confirmed:

2 × A book: €1,234.50

Total: €1,234.50

Your order: https://shop.example/o/order_1

Books & Co
`,
    });
  });

  test('leave out the line of what is not known', () => {
    const { text } = write({ kind: 'shipped', name: null, trackingNumber: null }, null, { orderUrl: '' });
    expect(text).toBe('a parcel of your order order_1 is on its way:\n\n1 × A book\n\nBooks & Co\n');
    expect(write({ kind: 'cancelled' }).text).not.toContain('Given back');
    expect(write({ kind: 'cancelled', refundedMinor: 250 }).text).toContain('Given back to you: €2.50.');
  });

  test('are in the language of the customer, else of the shop, else English; amounts and days as it writes them', () => {
    const plain = (locale: string): string => write({ kind: 'refunded' }, locale).text.replaceAll('\u00a0', ' ');
    expect(plain('de-AT')).toContain('€ 5,00 Ihrer Bestellung');
    expect(plain('de')).toContain('5,00 € Ihrer Bestellung');
    expect(write({ kind: 'refunded' }, 'fr-FR').text).toContain('€5.00 of your order');
    expect(write({ kind: 'refunded' }, 'fr-FR', { locale: 'de-CH' }).text).toMatch(
      /^Guten Tag[^]*EUR\s5\.00|^Guten Tag[^]*5\.00/,
    );
    expect(write({ kind: 'refunded' }, null, { locale: 'fr' }).language).toBe('en');
    expect(write({ kind: 'payment-action' }, 'de').text).toContain('bis 1. Juli 2026 um 14:00:00 MESZ');
  });

  test('say why in the language of the words', () => {
    expect(write({ kind: 'rejected' }, 'de').text).toContain('Die Zahlung wurde abgelehnt.');
    expect(write({ kind: 'rejected', rejectionCode: 'review.rejected' }).text).not.toMatch(/review|\{reason\}/);
  });

  test('what others have brought is text: no header, no placeholder', () => {
    const item = { sku: 'book', name: 'A {total}\r\nBcc: x@example.com', quantity: 1, unitPriceMinor: 1 };
    const own: Wordings = { en: { templates: { confirmed: { subject: 'For {shop}', text: '{items}' } }, reasons: {} } };
    const { subject, text } = writeNotice(
      { ...facts, items: [item] },
      { locale: null, style: { ...style, shop: 'Shop\r\nBcc: x@example.com' }, wordings: own },
    );
    expect(subject).toBe('For Shop Bcc: x@example.com');
    expect(text).toBe('1 × A {total} Bcc: x@example.com: €0.01\n');
  });
});

test.each([
  ['EUR', 'en', '€12.50'],
  ['JPY', 'en', '¥1,250'],
  ['KWD', 'en', 'KWD 1.250'],
  ['HUF', 'en', 'HUF 12.50'],
  ['ISK', 'en', 'ISK 12.50'],
  ['CLP', 'en', 'CLP 1,250'],
])('1250 minor units of %s are written as %s has it: %s', (currency, locale, written) => {
  expect(formatMoney(1_250, currency, locale).replace(/\u00a0/g, ' ')).toBe(written);
});
