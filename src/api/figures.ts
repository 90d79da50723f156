// What monitoring is shown of the business and of what waits. What must stay true: what nobody can say just now is absent, and said to
// be unknown (`figures_known` 0), never shown as 0; and every api shows the same, so that queries take the greatest, not the sum.
import { EventType } from '../contracts/events.ts';
import { orderSteps } from '../domain/order.ts';
import { RejectionCode } from '../domain/rejection.ts';
import type { Figures, QueueStanding, Standing, TaskQueues } from '../ports/figures.ts';
import type { Tally } from '../ports/tally.ts';
import type { Family, Sample } from '../runtime/metric-text.ts';
import { remember } from '../runtime/remembered.ts';
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
  const queues = remember(sources.queues.read, limits);
  return async () => {
    const [counted, stands, waits] = await Promise.all([tally(), standing(), queues()]);
    return [
      knownFamily({
        tally: counted !== null,
        database: stands !== null,
        temporal: waits !== null,
        reconciliation: typeof stands?.comparison?.completeSeconds === 'number',
      }),
      ...(counted ? tallyFamilies(counted) : []),
      ...(stands ? standingFamilies(stands) : []),
      ...(counted && stands ? [tallyLag(stands.feed.position - counted.countedTo)] : []),
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

const tallyLag = (events: number): Family =>
  gauge('event_tally_lag_events', 'Numbered events that are not in the counters yet', [{ value: Math.max(0, events) }]);

type Counted = NonNullable<Awaited<ReturnType<Tally['read']>>>;

function tallyFamilies({ events, confirmations }: Counted): Family[] {
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

function confirmationFamily(steps: Counted['confirmations']): Family {
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
    help: 'From being placed to being confirmed',
    type: 'histogram',
    samples: [
      ...buckets,
      { suffix: '_bucket', labels: { le: '+Inf' }, value: all },
      { suffix: '_sum', value: steps.reduce((sum, { seconds }) => sum + seconds, 0) },
      { suffix: '_count', value: all },
    ],
  };
}

function standingFamilies({ parked, unlaunched, feed, comparison, webhooks }: Standing): Family[] {
  const bySteps = new Map(parked.map((step) => [step.step, step]));
  const steps = [...new Set<string>([...orderSteps, ...bySteps.keys()])];
  return [
    gauge(
      'orders_parked',
      'Steps that wait for a person now',
      steps.map((step) => ({ labels: { step }, value: bySteps.get(step)?.count ?? 0 })),
    ),
    gauge(
      'orders_parked_oldest_seconds',
      'How long the one of them waits that has waited longest; 0 where none does',
      steps.map((step) => ({ labels: { step }, value: bySteps.get(step)?.oldestSeconds ?? 0 })),
    ),
    gauge(
      'orders_waiting_for_launch',
      'Accepted orders that wait for their workflow; above LAUNCH_BACKLOG_LIMIT new ones are refused',
      [{ value: unlaunched.count }],
    ),
    gauge('orders_waiting_for_launch_oldest_seconds', 'How long the oldest of them waits; 0 where none does', [
      { value: unlaunched.oldestSeconds ?? 0 },
    ]),
    gauge('events_unnumbered', 'Events that have no position in the feed yet', [{ value: feed.unnumbered }]),
    gauge('events_feed_lag_seconds', 'How long the oldest of them waits; 0 where none does', [
      { value: feed.oldestSeconds ?? 0 },
    ]),
    ...comparisonFamilies(comparison),
    ...webhookFamilies(webhooks),
  ];
}

/** Nothing of what was compared is shown where no comparison could be finished lately: it would be taken for "all is well". */
function comparisonFamilies(comparison: Standing['comparison']): Family[] {
  if (!comparison) return [];
  const { hasFailed, completeSeconds, drifts, unsoundProducts } = comparison;
  const failed = gauge('reconciliation_failed', 'Whether the last comparison of the books could not be finished', [
    { value: hasFailed ? 1 : 0 },
  ]);
  if (completeSeconds === null) return [failed];
  return [
    failed,
    gauge('reconciliation_age_seconds', 'How long ago the books were last compared to the end', [
      { value: completeSeconds },
    ]),
    gauge(
      'reconciliation_drifts',
      'What did not agree then, and what became of it',
      drifts.map(({ name, outcome, count }) => ({ labels: { name, outcome }, value: count })),
    ),
    gauge(
      'stock_unsound_products',
      'Products of a warehouse whose rows did not add up then; while it is 0 nothing is oversold',
      [{ value: unsoundProducts }],
    ),
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
      'Workers that take tasks from it',
      samples(({ pollers }) => pollers),
    ),
  ];
}
