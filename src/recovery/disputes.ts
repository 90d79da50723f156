// Disputes of orders that were closed already when the backup was made: nobody works on these orders any more, so what became of their
// payments since is looked at by the workflow that follows a payment, once the recovery is over.
import type { ListRequest, Page, ListedDispute } from '../ports/payment.ts';
import type { ClosedPayment } from '../ports/recovery.ts';
import { ask } from './ask.ts';
import type { Run } from './run.ts';

const PAGE = 100;
const DAY_MS = 24 * 3_600_000;

/**
 * Has each payment of a closed order followed that was disputed since, or of whose dispute more was to come. Orders that are open
 * have all their payments followed when they end. A repeat has nothing followed twice.
 */
export async function haveDisputesFollowed(run: Run): Promise<void> {
  const { provider, records, since } = run;
  const createdBefore = new Date(Date.now() + DAY_MS).toISOString();
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const request: ListRequest = { createdFrom: since, createdBefore, cursor, limit: PAGE };
    const page: Page<ListedDispute> = await ask('list the disputes', () => provider.listAllDisputes(request));
    const paymentIds = page.items.map(({ paymentId }) => paymentId);
    await follow(run, await records.findClosedPayments({ paymentIds }));
    cursor = page.next;
  }
  for (let page: readonly ClosedPayment[] = [], after = ''; ; after = page.at(-1)?.paymentId ?? after) {
    page = await records.listDisputed({ after, limit: PAGE });
    await follow(run, page);
    if (page.length < PAGE) return;
  }
}

async function follow({ records, recovery, report, dryRun }: Run, payments: readonly ClosedPayment[]): Promise<void> {
  if (!dryRun) await records.haveFollowed({ recoveryId: recovery.id, payments });
  for (const payment of payments) report.disputed(payment);
}
