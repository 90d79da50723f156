// A mail to a customer: business beside the order, which never waits for it. What must stay true: it ends when the row says how, and
// nothing of whom it goes to, or of what a mail server said about that, passes through here.
import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { NoticeActivities } from '../activities/index.ts';
import { TaskQueue } from '../contracts/ids.ts';
import type { NoticeOutcome, SendNoticeInput } from '../contracts/send-notice.ts';

// Beyond the row's own end, at which the activity gives up by itself: only for one that nobody works on.
const SLACK_MS = 3_600_000;

export async function sendNotice({
  orderId,
  name,
  round,
  withinMs,
  firstPauseMs,
}: SendNoticeInput): Promise<NoticeOutcome> {
  setCurrentDetails(`**Notice** \`${name}\` to the customer of order \`${orderId}\``);
  const { sendCustomerNotice } = proxyActivities<NoticeActivities>({
    taskQueue: TaskQueue.notices,
    // A mail has two minutes at most (SMTP_TIMEOUT_MS), beside two transactions.
    startToCloseTimeout: '3m',
    // Three heartbeats: how long a killed worker goes unnoticed.
    heartbeatTimeout: '10s',
    scheduleToCloseTimeout: withinMs + SLACK_MS,
    // Not counted: how long it is tried is a matter of time, and the row knows when that is over. A mail server that was away for a night
    // is asked again within a quarter of an hour.
    retry: { initialInterval: firstPauseMs, backoffCoefficient: 2, maximumInterval: '15m' },
    summary: 'Send the mail, unless it was sent',
  });
  return sendCustomerNotice({ orderId, name, round });
}
