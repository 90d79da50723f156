import { noticeKinds, type NoticeKind } from '../../domain/customer-notice.ts';
import type { NoticeOutcome } from '../../contracts/send-notice.ts';
import type { Metrics } from '../../runtime/metrics.ts';

const outcomes: readonly NoticeOutcome['state'][] = ['sent', 'refused', 'failed', 'skipped'];

/** Shows how mails to customers ended; answers with what takes each. */
export function showNotices(
  metrics: Pick<Metrics, 'counter'>,
): (ended: { kind: NoticeKind; outcome: NoticeOutcome['state'] }) => void {
  return metrics.counter({
    name: 'customer_notices_total',
    help: 'Mails to customers by what became of them: sent; refused by the mail server; failed, not sent in time; skipped, nobody or nothing to tell',
    labelNames: ['kind', 'outcome'],
    known: noticeKinds.flatMap((kind) => outcomes.map((outcome) => ({ kind, outcome }))),
  });
}
