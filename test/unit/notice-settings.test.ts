import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readWordings } from '../../src/adapters/notification/templates.ts';
import { loadWorkerConfig } from '../../src/runtime/config.ts';
import { contact } from '../../src/api/schemas/notice.ts';

const needed = { DATABASE_URL: 'postgres://o:s@127.0.0.1/orders', STRIPE_API_KEY: 'sk_test_x' };
const from = { SMTP_FROM: 'Books & Co <orders@shop.example>' };
const load = (env: Record<string, string>) => loadWorkerConfig({ ...needed, ...from, ...env });

describe('the settings of mails', () => {
  test('are off, and say so', () => {
    expect(loadWorkerConfig(needed)).not.toHaveProperty('SMTP_URL');
  });

  test.each([
    ['smtp://mail.example', { host: 'mail.example', port: 587, isTls: false, mustUpgrade: true, user: null }],
    ['smtp://127.0.0.1:1025', { host: '127.0.0.1', port: 1025, isTls: false, mustUpgrade: false, user: null }],
    ['smtp://[::1]', { host: '::1', port: 587, isTls: false, mustUpgrade: false, user: null }],
    [
      'smtps://o%40x:p%2Fw@mail.example/',
      { host: 'mail.example', port: 465, isTls: true, mustUpgrade: false, user: { name: 'o@x', password: 'p/w' } },
    ],
  ])('read %s, and leave nothing unencrypted but on this machine', (url, target) => {
    expect(load({ SMTP_URL: url }).SMTP_URL).toEqual(target);
  });

  test.each([
    ['http://mail.example', 'begins with smtp'],
    ['smtp://user@mail.example', 'a user and a password'],
    ['smtp://u:top%secret@mail.example', 'begins an encoded character'],
    ['smtp://u:topsecret@mail.example/?tls=no', 'nothing behind the port'],
    ['topsecret', 'expected smtp://'],
  ])('refuse %s without saying it', (url, words) => {
    expect(() => load({ SMTP_URL: url })).toThrow(words);
    expect(() => load({ SMTP_URL: url })).not.toThrow(/top.?secret/);
  });

  test('need to know who the mails are from', () => {
    expect(() => loadWorkerConfig({ ...needed, SMTP_URL: 'smtps://mail.example' })).toThrow('SMTP_FROM');
    expect(load({}).SMTP_FROM).toEqual({ name: 'Books & Co', address: 'orders@shop.example' });
    expect(load({ SMTP_FROM: 'orders@shop.example' }).SMTP_FROM).toEqual({
      name: null,
      address: 'orders@shop.example',
    });
    for (const text of ['Shop', 'a@b', 'Shop <a@shop.example>, b@shop.example', 'S\r\nBcc: x <a@shop.example>'])
      expect(() => load({ SMTP_FROM: text })).toThrow('SMTP_FROM');
  });

  test('refuse a time zone, a locale and an address that are none', () => {
    expect(() =>
      load({ NOTICE_TIME_ZONE: 'Mars/Base', NOTICE_LOCALE: 'Englisch', NOTICE_ORDER_URL: 'https://x.example/' }),
    ).toThrow(/NOTICE_LOCALE[^]*NOTICE_TIME_ZONE[^]*NOTICE_ORDER_URL/);
  });
});

describe('whom notices go to', () => {
  test.each([
    { email: 'jane@example.com' },
    { email: "o'neil+shop@mail.example.co.uk", name: 'Zoë O’Neil-Smith', locale: 'de-AT' },
    { email: 'a@xn--bcher-kva.example', name: '山田 太郎', locale: 'ja' },
  ])('takes %j', (given) => {
    expect(contact.parse(given)).toEqual(given);
  });

  test.each([
    { email: 'jane' },
    { email: 'jane@example.com\r\nBcc: x@example.com' },
    { email: 'jane@example.com, x@example.com' },
    { email: 'Jane <jane@example.com>' },
    { email: 'jané@example.com' },
    { email: `${'a'.repeat(65)}@example.com` },
    { email: `a@${'b.'.repeat(130)}com` },
    { email: 'jane@example.com', name: 'Jane\r\nBcc: x@example.com' },
    { email: 'jane@example.com', name: 'Jane\u2028x' },
    { email: 'jane@example.com', name: 'win at https://evil.example' },
    { email: 'jane@example.com', name: '"<x@example.com>' },
    { email: 'jane@example.com', name: '' },
    { email: 'jane@example.com', name: 'x'.repeat(71) },
    { email: 'jane@example.com', locale: 'de_AT' },
    { email: 'jane@example.com', phone: '1' },
  ])('refuses %j', (given) => {
    expect(contact.safeParse(given).success).toBe(false);
  });
});

describe('words of a shop’s own', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'durable-orders-words-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

  test('take the place of ours, one by one, and bring languages', async () => {
    await write('shipped.fr.txt', 'Subject: Commande {order}\r\n\r\nEn route : {tracking}\r\n');
    await write('shipped.en.txt', 'Subject: Gone: {order}\n\nOff it went.\n');
    await write('reasons.fr.txt', 'payment.declined: Le paiement a été refusé.\n');
    const wordings = await readWordings(folder);
    expect(wordings['fr']).toEqual({
      templates: { shipped: { subject: 'Commande {order}', text: 'En route : {tracking}\n' } },
      reasons: { 'payment.declined': 'Le paiement a été refusé.' },
    });
    expect(wordings['en']?.templates.shipped?.subject).toBe('Gone: {order}');
    expect(wordings['en']?.templates.confirmed?.subject).toContain('is confirmed');
  });

  test('are refused when the process starts, with every mistake', async () => {
    await write('shiped.en.txt', 'Subject: x\n\nx');
    await write('confirmed.en.txt', 'Subject: x\n\n{total} {trackingNumber} {until}');
    await write('delivered.en.txt', 'Subject: {tracking}\n\nx');
    await write('amended.en.txt', 'x');
    await write('reasons.en.txt', 'payment.decline: x');
    await expect(readWordings(folder)).rejects.toThrow(
      /amended.en.txt: expected a line[^]*confirmed.en.txt: nothing is known of \{trackingNumber\}, \{until\}[^]*delivered.en.txt: the subject[^]*reasons.en.txt: expected lines[^]*shiped.en.txt: expected <kind>/,
    );
    await expect(readWordings(join(folder, 'none'))).rejects.toThrow(
      'NOTICE_TEMPLATES: the folder can not be read (ENOENT)',
    );
  });
});
