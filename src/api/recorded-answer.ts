// First answers, which every repeat of a request gets byte for byte: how they are made, sent and documented.
import type { Response } from 'express';
import type { RecordedAnswer } from '../ports/acceptance.ts';
import type { Order } from '../ports/order.ts';
import { Problem } from './middleware/problems.ts';
import type { OrderView } from './order-view.ts';

/** Documents the header that every answer but the first carries. */
export const replayedHeader = {
  'Idempotency-Replayed': { description: '`true` on every answer but the first', schema: { type: 'string' } },
};

/** The answer to a request that has placed the order. */
export function answerWith(view: OrderView, order: Order, status: 200 | 202): RecordedAnswer {
  const body = view(order);
  return { status, body: JSON.stringify(body), location: body.links.self };
}

/** Sends a recorded answer byte for byte. */
export function sendAnswer(res: Response, answer: RecordedAnswer, { replayed }: { replayed: boolean }): void {
  res.status(answer.status).type('application/json');
  if (answer.location !== null) res.set('Location', answer.location);
  if (replayed) res.set('Idempotency-Replayed', 'true');
  res.send(answer.body);
}

/** The refusal of a key that belongs to another request. */
export const keyReused = (): Problem =>
  new Problem('idempotency-key-reused', 'This Idempotency-Key was used for a request with other content');
