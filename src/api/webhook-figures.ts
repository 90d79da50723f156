import type { WebhookStanding } from '../ports/figures.ts';
import type { Family } from '../runtime/metric-text.ts';

/** Shown by name; all others together: a label has few values, however many subscribers there are. */
const SHOWN = 20;
const OTHERS = 'others';

/** How far subscribers are behind: the worst of them by their ids. `webhooks`: the worst first. */
export function webhookFamilies(webhooks: readonly WebhookStanding[]): Family[] {
  const rest = webhooks.slice(SHOWN);
  const sum = (read: (of: WebhookStanding) => number): number => rest.reduce((total, of) => total + read(of), 0);
  const most = (read: (of: WebhookStanding) => number): number => Math.max(...rest.map(read));
  const shown: readonly WebhookStanding[] = [
    ...webhooks.slice(0, SHOWN),
    ...(rest.length === 0
      ? []
      : [
          {
            subscriptionId: OTHERS,
            lagSeconds: most(({ lagSeconds }) => lagSeconds),
            failingSeconds: most(({ failingSeconds }) => failingSeconds),
            pending: sum(({ pending }) => pending),
            parked: sum(({ parked }) => parked),
          },
        ]),
  ];
  const gauge = (name: string, help: string, read: (of: WebhookStanding) => number): Family => ({
    ...{ name, help },
    type: 'gauge',
    samples: shown.map((of) => ({ labels: { subscription: of.subscriptionId }, value: read(of) })),
  });
  return [
    gauge(
      'webhook_lag_seconds',
      'How long the oldest event waits to be told; of `others` the longest',
      (of) => of.lagSeconds,
    ),
    gauge('webhook_pending_messages', 'Messages that wait to be told, up to 1,000 each', (of) => of.pending),
    gauge('webhook_parked_messages', 'Messages that wait for a person, up to 1,000 each', (of) => of.parked),
    gauge('webhook_failing_seconds', 'How long it has not answered well; 0 while it does', (of) => of.failingSeconds),
  ];
}
