// One order: what it is at, what was and can be done about it. Read again whenever an event tells that it has moved.
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePlace } from '../../lib/place.ts';
import { get, type Answer } from '../../lib/api.ts';
import { useCalm, useResource, type Resource } from '../../lib/resource.ts';
import { followOrder, type StreamState } from '../../lib/stream.ts';
import type { Order } from '../../lib/types.ts';
import { Badge, Link, Live, Shown, StreamNote, Time, Title } from '../../ui/parts.tsx';
import { Actions } from './actions.tsx';
import { Activity } from './activity.tsx';
import { Amendments, Money, Returns, Shipments, Stock } from './cards.tsx';
import { Standing } from './standing.tsx';
import { Events, Timeline } from './timeline.tsx';
import { readWhole, type Whole } from './whole.ts';

export function OrderPage({ id }: { id: string }) {
  const whole = useResource(`order ${id}`, (signal) => readWhole(id, signal));
  const state = useLive(id, whole);
  const said = useSaid(whole.data?.explanation.summary ?? '');
  return (
    <>
      <p class="back">
        <Link to="/orders">All orders</Link>
      </p>
      <Title text={`Order …${id.slice(-8)}`}>
        <StreamNote state={state} />
      </Title>
      <Live text={said} />
      <Shown what="the order" of={whole}>
        {(read) => <Read whole={read} reload={whole.reload} />}
      </Shown>
    </>
  );
}

function Read({ whole, reload }: { whole: Whole; reload: () => void }) {
  const { order, explanation, events } = whole;
  const later = useLater(reload);
  const onDone = (_answer: Answer<unknown>): void => {
    reload();
    later();
  };
  return (
    <>
      <Head order={order} />
      <div class="columns">
        <div>
          <Standing whole={whole} onDue={reload} />
          <Actions whole={whole} onDone={onDone} />
          <Timeline events={events} explanation={explanation} />
        </div>
        <div>
          <Money order={order} explanation={explanation} />
          <Stock order={order} explanation={explanation} />
          <Shipments order={order} />
          <Returns order={order} />
          <Amendments order={order} />
          <Activity events={events} />
        </div>
      </div>
      <Events events={events} />
    </>
  );
}

function Head({ order }: { order: Order }) {
  const { config } = usePlace();
  return (
    <div class="head">
      <p>
        <Badge word={order.status} /> {order.attention && <Badge word="parked" />} <code>{order.id}</code>
      </p>
      <p>
        Placed <Time at={order.placedAt} /> by{' '}
        <Link to={`/orders?customerId=${encodeURIComponent(order.customerId)}`}>{order.customerId}</Link>
        {', correlation '}
        <Link to={`/orders?correlationId=${encodeURIComponent(order.correlationId)}`}>
          <code>{order.correlationId}</code>
        </Link>
      </p>
      <p>
        <a href={order.links.temporal} target="_blank" rel="noopener">
          Its workflow in the Temporal Web UI
        </a>{' '}
        {order.waiting?.for === 'customer' && config.simulatorUrl !== null && (
          <Authenticate order={order} url={config.simulatorUrl} />
        )}
      </p>
    </div>
  );
}

/** On one machine one is the customer as well. */
function Authenticate({ order, url }: { order: Order; url: string }) {
  const action = useResource(`payment of ${order.id}`, (signal) =>
    get<{ paymentId: string }>(`/orders/${order.id}/payment-action`, signal),
  );
  if (!action.data) return null;
  return (
    <>
      {' · '}
      <a
        href={`${url}/_simulator/payment_intents/${action.data.paymentId}/authenticate`}
        target="_blank"
        rel="noopener"
      >
        Be the customer: authenticate the payment
      </a>
    </>
  );
}

/**
 * Follows the order's events from the last that was read; each has the page read again. Not in a tab that nobody looks at: a browser has a
 * handful of connections for all of them.
 */
function useLive(id: string, whole: Resource<Whole>): StreamState {
  const [state, setState] = useState<StreamState>('opening');
  const reloadSoon = useCalm(whole.reload, 150);
  const isShown = useShown();
  const isRead = whole.data !== null;
  const last = useRef(0);
  last.current = whole.data?.events.at(-1)?.sequence ?? 0;
  useEffect(() => {
    if (!isRead || !isShown) return;
    const end = new AbortController();
    // A failed try is no event: somebody who comes back to the tab sees what is.
    if (state !== 'opening') reloadSoon();
    void followOrder(id, {
      ...{ after: last.current, signal: end.signal, onState: setState },
      onEvent: reloadSoon,
    });
    return () => end.abort();
  }, [id, isRead, isShown]);
  return state;
}

function useShown(): boolean {
  const [isShown, setShown] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const look = (): void => setShown(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isShown;
}

const LATER_MS = [1_000, 3_000, 8_000];

/** What comes after the last event of an order (a refund) is in no stream of it: after a deed it is looked for. */
function useLater(reload: () => void): () => void {
  const timers = useRef<ReturnType<typeof setTimeout>[]>([]);
  useEffect(() => () => timers.current.forEach(clearTimeout), []);
  return () => {
    timers.current.forEach(clearTimeout);
    timers.current = LATER_MS.map((ms) => setTimeout(reload, ms));
  };
}

/** Said when it changes, not when the page comes up: the title is read then. */
function useSaid(summary: string): string {
  const first = useRef<string | null>(null);
  if (first.current === null && summary !== '') first.current = summary;
  return summary === first.current ? '' : summary;
}
