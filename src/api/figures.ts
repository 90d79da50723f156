// What monitoring is shown of the business and of what waits. What must stay true: what nobody can say just now is absent, and said to
// be unknown (`figures_known` 0), never shown as 0; and every api shows the same, so that queries take the greatest, not the sum.
import { EventType } from '../contracts/events.ts';
import { orderSteps } from '../domain/order.ts';
import { RejectionCode } from '../domain/rejection.ts';
import type { Figures, QueueStanding, Standing, TaskQueues } from '../ports/figures.ts';
import type { Counts, Tally } from '../ports/tally.ts';
import type { Family, Sample } from '../runtime/metric-text.ts';
import { remember } from '../runtime/remembered.ts';
import { comparisonFamilies, isComparisonKnown } from './comparison-figures.ts';
import { webhookFamilies } from './webhook-figures.ts';

// However many look, and however often.
const FRESH_MS = 5_000;
// Well below the ten seconds that Prometheus waits: the process's own numbers must come when the database does not.
const WITHIN_MS = 2_500;

/** Reads all of them for one scrape; never rejects. */
export function createFigureFamilies(sources: {
  tally: Pick<Tally, 'read'>;
  figures: Figures;
  queues: TaskQueues;
}): () => Promise<readonly Family[]> {
  const limits = { freshMs: FRESH_MS, withinMs: WITHIN_MS };
  const tally = remember(sources.tally.read, limits);
  const standing = remember(sources.figures.read, limits);
  const webhooks = remember(sources.figures.readWebhooks, limits);
  const queues = remember(sources.queues.read, limits);
  return async () => {
    const [counted, stands, told, waits] = await Promise.all([tally(), standing(), webhooks(), queues()]);
    const counts = counted?.counts ?? null;
    return [
      knownFamily({
        tally: counts !== null,
        database: stands !== null,
        webhooks: told !== null,
        temporal: waits !== null,
        reconciliation: stands !== null && isComparisonKnown(stands.comparison),
      }),
      ...(counts ? countFamilies(counts) : []),
      ...(counted ? lagFamilies(counted) : []),
      ...(stands ? standingFamilies(stands) : []),
      ...(told ? webhookFamilies(told) : []),
      ...(waits ? queueFamilies(waits) : []),
    ];
  };
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...{ name, help, samples },
  type: 'gauge',
});
const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...{ name, help, samples },
  type: 'counter',
});

const knownFamily = (known: Readonly<Record<string, boolean>>): Family =>
  gauge(
    'figures_known',
    'Whether a witness could be asked: 1, or 0 while what it would say is absent',
    Object.entries(known).map(([witness, is]) => ({ labels: { witness }, value: is ? 1 : 0 })),
  );

/** Shown also while the counts are not: it says how far they have come. */
const lagFamilies = ({
  waitingEvents,
  waitingSeconds,
}: {
  waitingEvents: number;
  waitingSeconds: number;
}): Family[] => [
  gauge('event_tally_lag_events', 'Numbered events that are not in the counters yet', [{ value: waitingEvents }]),
  gauge('event_tally_lag_seconds', 'How old the first of them is; 0 where there is none', [{ value: waitingSeconds }]),
];

function countFamilies({ events, confirmations }: Counts): Family[] {
  const of = (type: EventType) => events.filter(({ eventType }) => eventType === type);
  const times = (type: EventType): number => of(type).reduce((sum, count) => sum + count.times, 0);
  const amounts = (type: EventType): Sample[] =>
    of(type).map(({ currency, amountMinor }) => ({ labels: { currency }, value: amountMinor }));
  const plain = (name: string, help: string, type: EventType) => counter(name, help, [{ value: times(type) }]);
  return [
    plain('orders_placed_total', 'Orders that were accepted', EventType.orderPlaced),
    plain('orders_confirmed_total', 'Orders that were sold', EventType.orderConfirmed),
    plain('orders_cancelled_total', 'Orders that were cancelled', EventType.orderCancelled),
    counter(
      'orders_rejected_total',
      'Orders that ended without a sale, by why',
      rejections(of(EventType.orderRejected)),
    ),
    counter(
      'orders_sold_minor_total',
      'What was sold, as it was confirmed, in minor units',
      amounts(EventType.orderConfirmed),
    ),
    counter(
      'payments_captured_minor_total',
      'Money that was taken, in minor units',
      amounts(EventType.paymentCaptured),
    ),
    counter(
      'payments_refunded_minor_total',
      'Money that was given back, in minor units',
      amounts(EventType.paymentRefunded),
    ),
    confirmationFamily(confirmations),
  ];
}

/** Codes that this version does not know count as one: a label has few values, whatever is in the rows. */
function rejections(counts: readonly { code: string; times: number }[]): Sample[] {
  const codes: readonly string[] = Object.values(RejectionCode);
  const sums = new Map<string, number>(codes.map((code) => [code, 0]));
  for (const { code, times } of counts) {
    const known = codes.includes(code) ? code : 'other';
    sums.set(known, (sums.get(known) ?? 0) + times);
  }
  return [...sums].map(([code, value]) => ({ labels: { code }, value }));
}

function confirmationFamily(steps: Counts['confirmations']): Family {
  let times = 0;
  const buckets = steps
    .filter(({ upToSeconds }) => upToSeconds !== Infinity)
    .map((step): Sample => {
      times += step.times;
      return { suffix: '_bucket', labels: { le: String(step.upToSeconds) }, value: times };
    });
  const all = steps.reduce((sum, step) => sum + step.times, 0);
  return {
    name: 'orders_confirmation_seconds',
    help: 'From being placed to being confirmed, of orders that waited for no review and not for their customer',
    type: 'histogram',
    samples: [
      ...buckets,
      { suffix: '_bucket', labels: { le: '+Inf' }, value: all },
      { suffix: '_sum', value: steps.reduce((sum, { seconds }) => sum + seconds, 0) },
      { suffix: '_count', value: all },
    ],
  };
}

function standingFamilies({ parked, unlaunched, feed, comparison, brokers }: Standing): Family[] {
  const bySteps = new Map(parked.map((step) => [step.step, step]));
  const steps = [...new Set<string>([...orderSteps, ...bySteps.keys()])];
  return [
    gauge(
      'orders_parked',
      'Steps that wait for a person now, up to 10,000 together',
      steps.map((step) => ({ labels: { step }, value: bySteps.get(step)?.count ?? 0 })),
    ),
    gauge(
      'orders_parked_oldest_seconds',
      'How long the one of them waits that has waited longest; 0 where none does',
      steps.map((step) => ({ labels: { step }, value: bySteps.get(step)?.oldestSeconds ?? 0 })),
    ),
    gauge(
      'orders_waiting_for_launch',
      'Accepted orders that wait for their workflow, up to LAUNCH_BACKLOG_LIMIT and one more: then new ones are refused',
      [{ value: unlaunched.count }],
    ),
    gauge('orders_waiting_for_launch_oldest_seconds', 'How long the oldest of them waits; 0 where none does', [
      { value: unlaunched.oldestSeconds ?? 0 },
    ]),
    gauge('events_unnumbered', 'Events that have no position in the feed yet, up to 10,000', [
      { value: feed.unnumbered },
    ]),
    gauge('events_feed_lag_seconds', 'How long the oldest of them waits; 0 where none does', [
      { value: feed.oldestSeconds ?? 0 },
    ]),
    gauge(
      'broker_lag_seconds',
      'How long the first event waits that the message broker has not confirmed, by exchange; 0 where none does',
      brokers.map(({ exchange, lagSeconds }) => ({ labels: { exchange }, value: lagSeconds })),
    ),
    ...comparisonFamilies(comparison),
  ];
}

function queueFamilies(queues: readonly QueueStanding[]): Family[] {
  const samples = (read: (queue: QueueStanding) => number): Sample[] =>
    queues.map((standing) => ({ labels: { queue: standing.queue, kind: standing.kind }, value: read(standing) }));
  return [
    gauge(
      'task_queue_backlog_tasks',
      'Tasks that wait in Temporal for a worker, about',
      samples(({ backlog }) => backlog),
    ),
    gauge(
      'task_queue_backlog_age_seconds',
      'How long the oldest of them waits',
      samples(({ oldestSeconds }) => oldestSeconds),
    ),
    gauge(
      'task_queue_pollers',
      'Workers that have asked for its tasks within a minute and a half',
      samples(({ pollers }) => pollers),
    ),
  ];
}
