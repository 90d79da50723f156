import { outcomeOf, type NoticeOutcome } from '../domain/payment-notice.ts';
import type { DueNotice, PaymentNoticeReceivers, PaymentNotices } from '../ports/payment-notice.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

const BATCH = 100;
// A customer who has authenticated waits in front of a screen.
const PAUSE_MS = 250;

/**
 * Works off the inbox of payment notices: whoever has to know of one is told, and only then is it done with. Any process may run
 * it; a notice that could not be passed on (Temporal away) comes again.
 */
export const createPaymentNoticeLoop = (options: {
  notices: PaymentNotices;
  receivers: PaymentNoticeReceivers;
  logger: Logger;
  mayWork?: MayWork;
}): Loop =>
  createLoop({
    mayWork: options.mayWork,
    name: 'payment notices',
    pauseMs: PAUSE_MS,
    logger: options.logger,
    work: async () => {
      const due = await options.notices.claimDue({ limit: BATCH });
      await Promise.all(due.map((notice) => passOn(options, notice)));
      return due.length === BATCH;
    },
  });

async function passOn(
  { notices, receivers, logger }: Parameters<typeof createPaymentNoticeLoop>[0],
  notice: DueNotice,
): Promise<void> {
  const { eventId, eventType, orderId, paymentId } = notice;
  const outcome = await deliver(receivers, notice, outcomeOf(notice));
  // No run to tell: the launcher brings one back, and this notice comes again then.
  if (outcome === null) return;
  if (outcome === 'foreign')
    logger.warn({ eventId, eventType, paymentId }, 'a payment notice is about no order of ours');
  else logger.debug({ eventId, eventType, orderId, outcome }, 'a payment notice is done with');
  await notices.finish({ eventId, outcome });
}

async function deliver(
  receivers: PaymentNoticeReceivers,
  { orderId, paymentId }: DueNotice,
  outcome: NoticeOutcome,
): Promise<NoticeOutcome | null> {
  if (orderId === null) return outcome;
  if (outcome === 'told') return (await receivers.tellOrder({ orderId })) ? 'told' : null;
  if (outcome === 'followed') await receivers.followPayment({ orderId, paymentId });
  return outcome;
}
