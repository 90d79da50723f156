import type { Response } from 'express';
import { noteOrder, type OrderRef } from '../runtime/tracing/trace.ts';

/** Says which order a request is about: on its span, and in what is logged of it. */
export function aboutOrder(res: Response, order: OrderRef & { orderId: string }): void {
  noteOrder(order);
  res.locals['orderId'] = order.orderId;
}

/** The order that a request was about, for its lines of the log; nothing as long as that is not known. */
export function orderIn(res: object): { orderId?: string } {
  const orderId = (res as { locals?: Record<string, unknown> }).locals?.['orderId'];
  return typeof orderId === 'string' ? { orderId } : {};
}
