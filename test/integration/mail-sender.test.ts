// Mails over a real connection: what the server says is what is believed, what it does not say is not guessed, and nothing of its words
// goes any further.
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createSmtpSender } from '../../src/adapters/notification/smtp.ts';
import type { Mail } from '../../src/ports/customer-notice.ts';
import type { SmtpTarget } from '../../src/runtime/notice-settings.ts';
import { startMailServer, type MailServer, type Mood } from '../support/mail-server.ts';

const PASSWORD = 'secret-of-the-shop';
let server: MailServer;
let sender: ReturnType<typeof createSmtpSender>;
const targetOf = (change: Partial<SmtpTarget> = {}): SmtpTarget => ({
  ...{ host: '127.0.0.1', port: server.port, isTls: false, mustUpgrade: false },
  user: { name: 'shop', password: PASSWORD },
  ...change,
});
const from = { name: 'Books & Co', address: 'orders@shop.example' };
const open = (change: Partial<SmtpTarget> = {}, timeoutMs = 10_000) =>
  createSmtpSender({ target: targetOf(change), from, timeoutMs, connections: 2 });

beforeAll(async () => {
  server = await startMailServer({ password: PASSWORD });
  sender = open();
});
afterEach(() => server.feel('well'));
afterAll(async () => {
  sender.close();
  await server.close();
});

let count = 0;
const mailTo = (email: string, change: Partial<Mail> = {}): Mail => ({
  ...{
    subject: 'Grüße: your order',
    text: 'Two lines\n.and a dot\n',
    language: 'de',
    messageId: `<n${(count += 1)}@shop.example>`,
  },
  to: { email, name: 'Zoë, “Queen” (of) Books', locale: null },
  ...change,
});

test('a mail arrives as it was written, from whom and to whom it says', async () => {
  const mail = mailTo('jane@example.com');
  expect(await sender.send(mail)).toEqual({ outcome: 'sent' });
  const [taken] = server.takenBy('jane@example.com');
  expect(taken).toMatchObject({ messageId: mail.messageId, from: 'orders@shop.example' });
  expect(taken?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(taken?.raw).toMatch(/^Content-Language: de\r$/m);
  expect(taken?.raw).toMatch(/Two lines\r\n\.and a dot/);
  expect(taken?.raw.match(/^To: /gm)).toHaveLength(1);
  expect(sender.fault()).toBeNull();
});

test('no subject and no name begins a header of its own', async () => {
  await sender.send(
    mailTo('lines@example.com', {
      subject: 'x\r\nBcc: other@example.com',
      to: { email: 'lines@example.com', name: 'J\r\nBcc: other@example.com', locale: null },
    }),
  );
  expect(server.takenBy('lines@example.com')[0]?.raw).not.toMatch(/^Bcc:/im);
  expect(server.takenBy('other@example.com')).toEqual([]);
});

const refusal: [Mood, object, boolean][] = [
  ['no-such-user', { outcome: 'refused', why: 'RCPT TO: 550 5.1.1 (EENVELOPE)' }, true],
  ['greylist', { outcome: 'later', why: 'RCPT TO: 450 4.2.0 (EENVELOPE)' }, true],
  ['full', { outcome: 'later', why: 'DATA: 452 4.3.1 (EMESSAGE)' }, true],
  // Ours to mend, and then all of them go out.
  ['no-relay', { outcome: 'later', why: 'RCPT TO: 554 5.7.1 (EENVELOPE)' }, false],
  ['bad-sender', { outcome: 'later', why: 'MAIL FROM: 553 5.7.1 (EENVELOPE)' }, false],
];
test.each(refusal)('%s is told by its code, without the address', async (mood, result, isAboutMail) => {
  server.feel(mood);
  expect(await sender.send(mailTo('jane@example.com'))).toEqual(result);
  expect(sender.fault() === null).toBe(isAboutMail);
});

test('a server that has the whole mail and never answers may have taken it', async () => {
  server.feel('silent');
  const hasty = open({}, 1_500);
  const result = await hasty.send(mailTo('silent@example.com'));
  hasty.close();
  expect(result).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('EABORT') });
  expect(server.takenBy('silent@example.com')).toHaveLength(1);
});

test('a connection that is lost before the mail was given has not taken it, nor has a server that is away', async () => {
  const sockets = new Set<Socket>();
  const rude = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.write('220 x\r\n');
    socket.on('data', (data) => {
      const said = data.toString();
      if (said.startsWith('RCPT')) socket.destroy();
      else socket.write('250 ok\r\n');
    });
  });
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  const { port } = rude.address() as AddressInfo;
  const hungUp = open({ port, user: null });
  expect(await hungUp.send(mailTo('jane@example.com'))).toMatchObject({ outcome: 'later' });
  hungUp.close();
  await new Promise((resolve) => rude.close(resolve));
  const away = open({ port, user: null });
  expect(await away.send(mailTo('jane@example.com'))).toMatchObject({ outcome: 'later', why: 'CONN: (ESOCKET)' });
  expect(away.fault()).toBe('CONN: (ESOCKET)');
  away.close();
});

test('nothing goes out unencrypted where it has to be encrypted, nor to somebody who is not who he says', async () => {
  const before = server.taken.length;
  const careful = open({ mustUpgrade: true });
  // The server's certificate is nobody's.
  expect(await careful.send(mailTo('jane@example.com'))).toMatchObject({ outcome: 'later' });
  careful.close();
  expect(server.taken).toHaveLength(before);
});

test('a password that is wrong is no fault of the mail, and stands nowhere', async () => {
  const wrong = open({ user: { name: 'shop', password: 'not-it' } });
  const result = await wrong.send(mailTo('jane@example.com'));
  expect(result).toEqual({ outcome: 'later', why: expect.stringMatching(/^AUTH PLAIN: 535/) });
  expect(JSON.stringify([result, wrong.fault()])).not.toContain('not-it');
  wrong.close();
});
