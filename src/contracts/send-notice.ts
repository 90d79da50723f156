/** The workflow's registered name. Histories carry it: it never changes. */
export const SEND_NOTICE = 'sendNotice';

/** A notice of an order, by its name among them, and how often somebody had it sent. No more: whom it goes to stands in no history. */
export type NoticeId = { orderId: string; name: string; round: number };

/** `withinMs`: until it is given up; `firstPauseMs`: between the first two tries. */
export type SendNoticeInput = NoticeId & { withinMs: number; firstPauseMs: number };

/** How it ended. */
export type NoticeOutcome = { state: 'sent' | 'refused' | 'failed' | 'skipped' };

/** Between the order and the notice in the id of the workflow that sends it. */
const NOTICE_INFIX = ':notice:';

export const sendNoticeId = ({ orderId, name, round }: NoticeId): string =>
  `${orderId}${NOTICE_INFIX}${name}${round > 1 ? `:r${round}` : ''}`;
