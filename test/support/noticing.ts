// Customers told by mail, as tests set it up and look at it.
import { randomUUID } from 'node:crypto';
import type { MailServer } from './mail-server.ts';
import { placeOrder } from './orders.ts';
import type { Stack } from './stack.ts';

/** For a worker that sends mails there: short times, so that what would take minutes takes seconds. */
export const mailingTo = (server: MailServer): Record<string, string> => ({
  SMTP_URL: server.url,
  SMTP_FROM: 'Books <orders@shop.example>',
  SMTP_TIMEOUT_MS: '1000',
  NOTICES_PER_SECOND: '1000',
  NOTICE_FIRST_PAUSE_MS: '200',
  NOTICE_PAYMENT_DELAY_SECONDS: '0',
});

export type PlacedFor = { id: string; email: string };

/** An order, and the address that its notices go to: one of its own. */
export async function placeFor(stack: Stack, wanted: Parameters<typeof placeOrder>[1] = {}): Promise<PlacedFor> {
  const email = `jane-${randomUUID().slice(0, 12)}@mail.example.com`;
  const contact = { email, name: 'Jane Doe', locale: 'en-GB' };
  const { id } = await placeOrder(stack.url, { ...wanted, extra: { contact, ...wanted.extra } });
  return { id, email };
}

export type NoticeBody = { name: string; state: string; round: number; attempts: number; failure: string | null };

export async function noticesOf(stack: Stack, orderId: string): Promise<NoticeBody[]> {
  const answer = await fetch(`${stack.url}/orders/${orderId}/notices`);
  if (!answer.ok) throw new Error(`notices: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { items: NoticeBody[] }).items;
}

export const noticeOf = async (stack: Stack, orderId: string, name: string): Promise<NoticeBody | undefined> =>
  (await noticesOf(stack, orderId)).find((notice) => notice.name === name);

export const resendNotice = (stack: Stack, orderId: string, name: string): Promise<Response> =>
  fetch(`${stack.url}/orders/${orderId}/notices/${name}/resend`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason: 'it did not arrive' }),
  });
